package import Domain
package import FoundationEssentials

/// Durable state of one project.
///
/// There is one writer. A call that changes state returns only when the change is on disk; calls that wait at the same
/// moment share one commit. Reading never waits for a write. Times come from the caller: a store has no clock.
package protocol Store: Sendable {
    // MARK: Deliveries and queue

    /// Stores a verified delivery and one work item per matched agent in one transaction, leaving out agents for which
    /// the same provider delivery id already started work that waits, runs or succeeded within seven days.
    func record(_ delivery: NewDelivery) async throws -> DeliveryResult
    /// Stores a work item. When the agent's queue is full the oldest waiting item is dropped (`queue full`).
    func enqueue(_ item: NewWorkItem) async throws -> EnqueueResult
    /// Turns the oldest waiting item of an agent into a run in state `starting`, in one transaction; `nil` when none
    /// waits. A call item's call becomes `running`.
    func claimNext(of agent: AgentName, as run: NewRun) async throws -> RunRecord?
    /// Puts an item back in front of its queue, because its run never got going; the run ends `failed` or `lost` with
    /// `reason`.
    func requeue(_ run: RunID, endingAs state: RunState, reason: String, at time: Date) async throws
    /// Drops every waiting item (of one agent, or all) and fails the calls they carry. Returns how many.
    func dropWaiting(of agent: AgentName?, reason: String, at time: Date) async throws -> Int
    /// Waiting items in queue order (oldest first).
    func waitingItems(of agent: AgentName?) async throws -> [WorkItem]
    /// Number of waiting items per agent; agents without any are absent.
    func queueDepths() async throws -> [AgentName: Int]

    // MARK: Slots and runs

    /// Records that a slot fires and creates its run in one transaction; `nil` when the slot already has a record.
    func fireSlot(at due: Date, as run: NewRun) async throws -> RunRecord?
    /// Records that a slot did not fire. Does nothing when the slot already has a record.
    func recordSlot(of agent: AgentName, at due: Date, end: SlotEnd) async throws
    /// Creates a run that comes from no queue item: the initial run of a scheduled agent, or a rerun.
    func startDirect(_ run: NewRun) async throws -> RunRecord
    /// The latest slot of an agent that has a record.
    func lastSlot(of agent: AgentName) async throws -> Date?
    /// Notes the runtime's handle of a starting run.
    func setHandle(_ handle: String, runtime: String, of run: RunID, at time: Date) async throws
    /// A starting run has come up. Does nothing for a run in any other state.
    func setRunning(_ run: RunID, at time: Date) async throws
    /// Remembers how far the run's output was read.
    func setLogPosition(_ position: String, of run: RunID) async throws
    /// Remembers a return value or rerun request before the run's end, so that it survives a crash. `nil` = unchanged.
    func note(returnValue: String?, wantsRerun: Bool?, of run: RunID) async throws
    /// Ends a run: state, outcome, its locks released, the open calls it made failed, the call it served completed or
    /// failed, all in one transaction. A run that already ended keeps its first end. Returns the record as it now
    /// stands.
    func end(_ run: RunID, with outcome: RunOutcome, at time: Date) async throws -> RunRecord?
    func run(_ id: RunID) async throws -> RunRecord?
    /// Runs in `starting` or `running`, oldest first.
    func openRuns() async throws -> [RunRecord]
    /// The newest runs first.
    func runs(of agent: AgentName?, limit: Int) async throws -> [RunRecord]

    // MARK: Calls

    /// Stores a call together with its work item in one transaction.
    func createCall(_ call: NewCall, item: NewWorkItem) async throws -> EnqueueResult
    /// A call, only for the run that made it.
    func call(_ id: String, madeBy caller: InstanceID) async throws -> CallRecord?

    // MARK: Locks

    /// Takes or renews a lock. One lock per holder.
    func acquireLock(_ key: String, holder: InstanceID, ttl: Duration, at time: Date) async throws -> LockAnswer
    /// Extends a lock that the holder has.
    func heartbeatLock(_ key: String, holder: InstanceID, ttl: Duration, at time: Date) async throws -> LockAnswer
    func releaseLock(_ key: String, holder: InstanceID, at time: Date) async throws -> LockAnswer
    /// Live locks, of one holder or all.
    func locks(of holder: InstanceID?, at time: Date) async throws -> [LockRecord]

    // MARK: Flags and upkeep

    func flags() async throws -> SchedulerFlags
    func setPaused(_ isPaused: Bool) async throws
    func setEnabled(_ isEnabled: Bool, agent: AgentName) async throws
    /// Deletes what is older than the retention.
    func prune(olderThan time: Date) async throws
    /// A sentence when the store cannot write at the moment, else `nil`.
    func problem() async -> String?
}

/// A verified delivery about to be stored.
package struct NewDelivery: Sendable {
    /// Our id (UUID).
    package var id: String
    /// Provider type.
    package var type: String
    /// Credential instance whose secret fitted; `_unsigned` without signature.
    package var matchedInstance: String
    /// The provider's own id; `nil` = no dedupe.
    package var providerDeliveryID: String?
    package var receivedAt: Date
    /// Without signatures, cookies and authorization.
    package var headers: [String: String]
    package var body: [UInt8]
    /// `nil`: understood, but nothing an agent could use (ping).
    package var context: JSONValue?
    package var event: String
    /// Agents whose filters fit and that are enabled, with their work items, by name.
    package var items: [NewWorkItem]
    /// Agents whose filters fit but that are disabled.
    package var skippedAgents: [AgentName]

    /// Collects the facts.
    package init(
        id: String,
        type: String,
        matchedInstance: String,
        providerDeliveryID: String?,
        receivedAt: Date,
        headers: [String: String],
        body: [UInt8],
        context: JSONValue?,
        event: String,
        items: [NewWorkItem],
        skippedAgents: [AgentName]
    ) {
        self.id = id
        self.type = type
        self.matchedInstance = matchedInstance
        self.providerDeliveryID = providerDeliveryID
        self.receivedAt = receivedAt
        self.headers = headers
        self.body = body
        self.context = context
        self.event = event
        self.items = items
        self.skippedAgents = skippedAgents
    }
}

/// What became of a delivery.
package struct DeliveryResult: Hashable, Sendable {
    package var matched: Int
    package var skipped: Int
    /// The delivery id was seen before and nothing new started.
    package var isDuplicate: Bool
    /// The delivery id was seen before and its failed work starts again.
    package var isRedelivery: Bool
    /// For a duplicate: what the first delivery started.
    package var first: [FirstWork]
    /// Items dropped because their queue was full.
    package var dropped: [WorkItem]

    /// Collects the facts.
    package init(
        matched: Int,
        skipped: Int,
        isDuplicate: Bool = false,
        isRedelivery: Bool = false,
        first: [FirstWork] = [],
        dropped: [WorkItem] = []
    ) {
        self.matched = matched
        self.skipped = skipped
        self.isDuplicate = isDuplicate
        self.isRedelivery = isRedelivery
        self.first = first
        self.dropped = dropped
    }
}

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

/// A work item about to be stored.
package struct NewWorkItem: Hashable, Sendable {
    /// Our id (UUID).
    package var id: String
    package var agent: AgentName
    package var trigger: Trigger
    package var receivedAt: Date
    /// The agent's `workQueueSize`.
    package var queueLimit: Int

    /// Collects the facts.
    package init(id: String, agent: AgentName, trigger: Trigger, receivedAt: Date, queueLimit: Int) {
        self.id = id
        self.agent = agent
        self.trigger = trigger
        self.receivedAt = receivedAt
        self.queueLimit = queueLimit
    }
}

/// A stored work item.
package struct WorkItem: Hashable, Sendable {
    package var id: String
    package var agent: AgentName
    package var trigger: Trigger
    package var receivedAt: Date
    package var state: WorkItemState
    /// Why it was dropped.
    package var reason: String?

    /// Collects the facts.
    package init(
        id: String,
        agent: AgentName,
        trigger: Trigger,
        receivedAt: Date,
        state: WorkItemState,
        reason: String? = nil
    ) {
        self.id = id
        self.agent = agent
        self.trigger = trigger
        self.receivedAt = receivedAt
        self.state = state
        self.reason = reason
    }
}

/// What happened when an item was stored.
package struct EnqueueResult: Hashable, Sendable {
    /// The item that had to make room.
    package var dropped: WorkItem?
    /// Waiting items of the agent, the new one included.
    package var depth: Int

    /// Collects both.
    package init(dropped: WorkItem?, depth: Int) {
        self.dropped = dropped
        self.depth = depth
    }
}

/// A run about to be created.
package struct NewRun: Sendable {
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

    /// Collects the facts.
    package init(
        instance: InstanceID,
        secret: String,
        trigger: Trigger,
        startedAt: Date,
        configHash: String,
        timeout: Int,
        rerun: Int = 0
    ) {
        self.instance = instance
        self.secret = secret
        self.trigger = trigger
        self.startedAt = startedAt
        self.configHash = configHash
        self.timeout = timeout
        self.rerun = rerun
    }
}

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
    package var runtime: String?
    package var handle: String?
    package var logPosition: String?
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
        runtime: String? = nil,
        handle: String? = nil,
        logPosition: String? = nil,
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
        self.runtime = runtime
        self.handle = handle
        self.logPosition = logPosition
        self.queuedAt = queuedAt
        self.startedAt = startedAt
        self.runningAt = runningAt
        self.endedAt = endedAt
        self.outcome = outcome
    }
}

/// How a slot ended that did not fire.
package enum SlotEnd: Hashable, Sendable {
    /// `busy`, `paused`, `disabled`, …
    case skipped(String)
    /// No scheduler ran, or it woke too late.
    case missed
}

/// A call about to be stored.
package struct NewCall: Hashable, Sendable {
    /// UUID.
    package var id: String
    package var caller: InstanceID
    package var target: AgentName
    package var createdAt: Date

    /// Collects the facts.
    package init(id: String, caller: InstanceID, target: AgentName, createdAt: Date) {
        self.id = id
        self.caller = caller
        self.target = target
        self.createdAt = createdAt
    }
}

/// A stored call.
package struct CallRecord: Hashable, Sendable {
    package var id: String
    package var caller: InstanceID
    package var target: AgentName
    package var state: CallState
    package var returnValue: String?
    package var errorMessage: String?

    /// Collects the facts.
    package init(
        id: String,
        caller: InstanceID,
        target: AgentName,
        state: CallState,
        returnValue: String? = nil,
        errorMessage: String? = nil
    ) {
        self.id = id
        self.caller = caller
        self.target = target
        self.state = state
        self.returnValue = returnValue
        self.errorMessage = errorMessage
    }
}

/// The answer to a lock operation.
package enum LockAnswer: Hashable, Sendable {
    case ok(expiresAt: Date)
    case heldByOther(InstanceID, since: Date)
    /// The holder already has another lock.
    case holdsAnother(key: String)
    case notFound
}

/// A live lock.
package struct LockRecord: Hashable, Sendable {
    package var key: String
    package var holder: InstanceID
    package var heldSince: Date
    package var expiresAt: Date

    /// Collects the facts.
    package init(key: String, holder: InstanceID, heldSince: Date, expiresAt: Date) {
        self.key = key
        self.holder = holder
        self.heldSince = heldSince
        self.expiresAt = expiresAt
    }
}

/// Switches that survive a restart.
package struct SchedulerFlags: Hashable, Sendable {
    package var isPaused: Bool
    package var disabledAgents: Set<AgentName>

    /// Collects both.
    package init(isPaused: Bool = false, disabledAgents: Set<AgentName> = []) {
        self.isPaused = isPaused
        self.disabledAgents = disabledAgents
    }
}

/// A failure of the store.
package struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Hashable, Sendable { case cannotOpen, cannotWrite, corrupt }

    package var code: Code
    /// The file and what the engine said.
    package var message: String

    /// Collects both.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
