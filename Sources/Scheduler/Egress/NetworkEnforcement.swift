package import Domain

/// What becomes of an agent's `[network] allow` where its runs execute.
package enum NetworkEnforcement: Hashable, Sendable {
    /// There is no list.
    case open
    /// Runs reach what is listed and nothing else.
    case enforced
    /// Runs reach everything, as they were asked to; people are told why.
    case notEnforced(String)
    /// Runs must not start: they would reach more than the list allows.
    case refused(String)

    /// Judges an agent.
    ///
    /// - Parameters:
    ///   - agent: its list and whether it is required count.
    ///   - runtime: where its runs execute.
    ///   - isControlled: whether that runtime can shut runs in here.
    package init(of agent: AgentConfig, on runtime: RuntimeKind, isControlled: Bool) {
        guard let network = agent.network else {
            self = .open
            return
        }
        let subject = "agent `\(agent.name)`: network.allow"
        let brokered = agent.credentials.first(where: \.isBrokered)
        switch runtime {
        case _ where isControlled: self = .enforced
        case _ where brokered != nil:
            self = .refused(
                "agent `\(agent.name)`: broker = true keeps a secret outside of runs only where their network is controlled: in the "
                    + "sandbox, or in containers of an engine on this machine"
            )
        case .host: self = .notEnforced("\(subject) has no effect: runs without isolation reach everything")
        case .docker, .sshDocker, .sandbox:
            self =
                network.isRequired
                ? .refused(
                    "\(subject) cannot be enforced here: a container engine on this machine (a unix socket), or the sandbox, and a "
                        + "project whose path is short enough for a socket are needed. network.require = false lets runs reach "
                        + "everything instead"
                ) : .notEnforced("\(subject) cannot be enforced here: runs reach everything")
        }
    }
}
