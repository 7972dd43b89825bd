package import Domain

/// Work that an earlier delivery of the same id started.
package struct FirstWork: Hashable, Sendable {
    package var agent: AgentName
    /// `nil` while the item waits.
    package var instance: InstanceID?
    /// `queued` or a run state.
    package var state: String

    /// Collects the facts.
    package init(agent: AgentName, instance: InstanceID?, state: String) {
        self.agent = agent
        self.instance = instance
        self.state = state
    }
}
