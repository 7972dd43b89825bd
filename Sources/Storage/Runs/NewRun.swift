package import Domain
package import FoundationEssentials

/// A run about to be created.
package struct NewRun: Hashable, Sendable {
    package var instance: InstanceID
    /// Secret for the gateway (UUID).
    package var secret: String
    /// Used where the run does not come from a queue item, whose trigger counts otherwise.
    package var trigger: Trigger
    package var startedAt: Date
    /// Hash of the configuration the run uses.
    package var configHash: String
    /// Seconds, for the watchdog after an adoption.
    package var timeout: Int
    /// 0 for a first run, n for the n-th rerun in a row.
    package var rerun: Int
    /// USD it may cost at most, from the daily budgets; `nil` = they set no limit.
    package var allowance: Double?

    /// Collects the facts.
    package init(
        instance: InstanceID,
        secret: String,
        trigger: Trigger,
        startedAt: Date,
        configHash: String,
        timeout: Int,
        rerun: Int = 0,
        allowance: Double? = nil
    ) {
        self.instance = instance
        self.secret = secret
        self.trigger = trigger
        self.startedAt = startedAt
        self.configHash = configHash
        self.timeout = timeout
        self.rerun = rerun
        self.allowance = allowance
    }
}
