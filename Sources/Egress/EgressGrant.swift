package import Domain

/// What a run that knows its token may do.
package struct EgressGrant: Sendable {
    package var instance: InstanceID
    package var policy: EgressPolicy
    /// Puts the run's secrets in; `nil` = none of them is kept outside.
    package var broker: SecretBroker?

    /// Collects the parts.
    package init(instance: InstanceID, policy: EgressPolicy, broker: SecretBroker? = nil) {
        self.instance = instance
        self.policy = policy
        self.broker = broker
    }
}
