package import Domain
package import FoundationEssentials

/// A stored run.
package struct RunRecord: Hashable, Sendable {
    package var instance: InstanceID
    package var secret: String
    package var trigger: Trigger
    package var state: RunState
    /// The queue item it came from.
    package var itemID: String?
    package var rerun: Int
    package var configHash: String
    package var timeout: Int
    /// USD it may cost at most, from the daily budgets.
    package var allowance: Double?
    package var runtime: String?
    /// `A` to `D`, how well the run is shut in.
    package var isolation: String?
    /// The `[network]` it was launched with (``NetworkPolicy/json``), `null` for an open network; `nil` = not launched, or by an
    /// earlier version.
    package var network: JSONValue?
    package var handle: String?
    package var logPosition: String?
    /// Models that answered, in the order of their first answer.
    package var models: [String]
    /// USD of the model replies counted so far.
    package var cost: Double
    /// It has had the keys of its models, or is not to get any.
    package var hasFetchedModelKeys: Bool
    /// Why it was ordered to end.
    package var stopCause: StopCause?
    /// When the trigger was accepted.
    package var queuedAt: Date
    package var startedAt: Date
    package var runningAt: Date?
    package var endedAt: Date?
    /// Present when the run is over; before that it carries early return values and rerun requests only.
    package var outcome: RunOutcome?

    /// Collects the facts.
    package init(
        instance: InstanceID,
        secret: String,
        trigger: Trigger,
        state: RunState,
        itemID: String?,
        rerun: Int,
        configHash: String,
        timeout: Int,
        allowance: Double? = nil,
        runtime: String? = nil,
        isolation: String? = nil,
        network: JSONValue? = nil,
        handle: String? = nil,
        logPosition: String? = nil,
        models: [String] = [],
        cost: Double = 0,
        hasFetchedModelKeys: Bool = false,
        stopCause: StopCause? = nil,
        queuedAt: Date,
        startedAt: Date,
        runningAt: Date? = nil,
        endedAt: Date? = nil,
        outcome: RunOutcome? = nil
    ) {
        self.instance = instance
        self.secret = secret
        self.trigger = trigger
        self.state = state
        self.itemID = itemID
        self.rerun = rerun
        self.configHash = configHash
        self.timeout = timeout
        self.allowance = allowance
        self.runtime = runtime
        self.isolation = isolation
        self.network = network
        self.handle = handle
        self.logPosition = logPosition
        self.models = models
        self.cost = cost
        self.hasFetchedModelKeys = hasFetchedModelKeys
        self.stopCause = stopCause
        self.queuedAt = queuedAt
        self.startedAt = startedAt
        self.runningAt = runningAt
        self.endedAt = endedAt
        self.outcome = outcome
    }
}
