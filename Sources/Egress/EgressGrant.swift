package import Domain

/// What a run that knows its token may do.
package struct EgressGrant: Hashable, Sendable {
    package var instance: InstanceID
    package var policy: EgressPolicy

    /// Collects both.
    package init(instance: InstanceID, policy: EgressPolicy) {
        self.instance = instance
        self.policy = policy
    }
}
