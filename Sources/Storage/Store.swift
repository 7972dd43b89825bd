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
    ///
    /// - Throws: ``StorageError``; with `queueFull` a full queue refused its item and nothing of the delivery was stored.
    func record(_ delivery: NewDelivery) async throws -> DeliveryResult
    /// Notes that a delivery was refused; only the newest thousand are kept.
    func reject(_ rejection: RejectedDelivery) async throws
    /// Stores a work item: waiting ones of its group are superseded; when the agent's queue is full the oldest waiting item
    /// is dropped (`queue full`), or with ``QueueOverflow/reject`` the new one is refused.
    ///
    /// - Throws: ``StorageError`` (`queueFull`), and then nothing changed.
    func enqueue(_ item: NewWorkItem) async throws -> EnqueueResult
    /// Turns the oldest waiting item of an agent that is due, whose key no live run has and that the rule allows into a run
    /// in state `starting`, in one transaction. A call item's call becomes `running`. Items that cannot be read are dropped.
    func claimNext(of agent: AgentName, as run: NewRun, rule: ClaimRule) async throws -> ClaimResult
    /// What each of these agents would claim at the moment, the item waiting longest first.
    func queueHeads(of agents: [AgentName: ClaimRule], at time: Date) async throws -> [QueueHead]
    /// The next time at which a waiting item becomes due; `nil` when all are.
    func nextDueTime(after time: Date) async throws -> Date?
    /// Puts an item back in front of its queue, because its run never got going; the run ends `failed` or `lost` with
    /// `reason`. Where another item of its group waits meanwhile, the one of the newer delivery stays.
    /// Returns the item that is dropped for that.
    @discardableResult
    func requeue(_ run: RunID, endingAs state: RunState, reason: String, at time: Date) async throws -> DroppedItem?
    /// What an item has led to so far.
    func attempts(ofItem id: String) async throws -> StartAttempts
    /// Drops every waiting item (of one agent, or all) and fails the calls they carry. Returns how many.
    func dropWaiting(of agent: AgentName?, reason: String, at time: Date) async throws -> Int
    /// Waiting items in queue order (oldest first).
    func waitingItems(of agent: AgentName?) async throws -> [WorkItem]
    /// Number of waiting items per agent; agents without any are absent.
    func queueDepths() async throws -> [AgentName: Int]

    // MARK: Slots and runs

    /// Notes what schedules there are; agents that are not named have none.
    ///
    /// Takes expression and zone of each scheduled agent, in a text that changes with them. Answers until when the slots of
    /// each agent are decided: its newest slot, or when this schedule was first noted.
    func noteSchedules(_ schedules: [AgentName: String], at time: Date) async throws -> [AgentName: Date]
    /// Records how slots end and creates the runs of those that fire, in one transaction; slots that have a record keep it.
    ///
    /// - Returns: those that were recorded, in the order given.
    func decide(_ slots: [SlotDecision]) async throws -> [DecidedSlot]
    /// Creates a run that comes from no queue item: the initial run of a scheduled agent, or a rerun.
    func startDirect(_ run: NewRun) async throws -> RunRecord
    /// Notes the runtime's handle of a starting run, and how well the runtime shuts it in (`A` to `D`).
    func setHandle(
        _ handle: String,
        runtime: String,
        isolation: String?,
        network: JSONValue,
        of run: RunID,
        at time: Date
    ) async throws
    /// A starting run has come up. Does nothing for a run in any other state.
    func setRunning(_ run: RunID, at time: Date) async throws
    /// Remembers how far the run's output was read.
    func setLogPosition(_ position: String, of run: RunID) async throws
    /// Counts a model reply: cost and model of the run, the spending of its day, and how far its output was read, in one
    /// transaction, so that a line read again after a crash is not counted again.
    func count(_ reply: ModelReply, of run: RunID) async throws
    /// Adds to what an agent spent outside of its runs, in USD.
    func spend(_ cost: Double, by agent: AgentName, at time: Date) async throws
    /// USD spent on model replies from one time up to another, by one agent or all.
    ///
    /// Both times are rounded down to a quarter of an hour, on which the days of all zones begin.
    func spent(by agent: AgentName?, from: Date, to: Date) async throws -> Double
    /// A run is launched with another configuration than the one it was claimed with.
    func setConfiguration(_ hash: String, timeout: Int, of run: RunID) async throws
    /// Notes that a run has had the keys of its models, or is not to get any, so that no later scheduler hands them out either.
    func noteModelKeys(fetchedBy run: RunID) async throws
    /// Notes why a live run was ordered to end, so that its end says so whatever becomes of this process; the first order stands.
    func noteStop(_ cause: StopCause, of run: RunID) async throws
    /// Remembers a return value before the run's end, so that it survives a crash.
    func note(returnValue: ReturnValue, of run: RunID) async throws
    /// Ends a run: state, outcome, its locks released, the open calls it made failed, the call it served completed or
    /// failed, costs that no reply told counted, all in one transaction. A run that already ended keeps its first end.
    /// Returns the record as it now stands.
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
    /// Deletes locks whose time is over, or whose holder is no live run and not one of those to keep. Returns how many.
    func sweepLocks(at time: Date, keeping others: Set<InstanceID>) async throws -> Int
    /// Live locks, of one holder or all.
    func locks(of holder: InstanceID?, at time: Date) async throws -> [LockRecord]

    // MARK: Flags and upkeep

    func flags() async throws -> SchedulerFlags
    /// Pauses, unless it was paused before, or resumes (`nil`).
    func setPaused(since time: Date?) async throws
    func setEnabled(_ isEnabled: Bool, agent: AgentName) async throws
    /// Deletes what is older than the retention.
    func prune(olderThan time: Date) async throws
    /// What is wrong when the store cannot write at the moment, without any path, else `nil`.
    func problem() async -> String?

    /// What was kept, for people who ask.
    var history: any History { get }
}

/// Switches that survive a restart.
package struct SchedulerFlags: Hashable, Sendable {
    /// `nil` while not paused.
    package var pausedSince: Date?
    package var disabledAgents: Set<AgentName>

    package var isPaused: Bool { pausedSince != nil }

    /// Collects both.
    package init(pausedSince: Date? = nil, disabledAgents: Set<AgentName> = []) {
        self.pausedSince = pausedSince
        self.disabledAgents = disabledAgents
    }
}

/// A failure of the store.
package struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Hashable, Sendable { case cannotOpen, cannotWrite, corrupt, queueFull }

    package var code: Code
    /// The file and what the engine said, or which queue is full.
    package var message: String

    /// Collects both.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
