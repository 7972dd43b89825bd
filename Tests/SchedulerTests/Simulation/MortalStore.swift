import Domain
import Foundation
import Storage

/// The store as one simulated process sees it: the real one, until the process ends.
struct MortalStore: Store {
    let base: any Store
    let fuse: Fuse
    /// Whether it cannot write what becomes of slots at the moment.
    var refusesSlots: @Sendable () -> Bool = { false }
    /// What happens before a delivery is stored.
    var beforeRecording: @Sendable () async -> Void = {}

    func record(_ delivery: NewDelivery) async throws -> DeliveryResult {
        await beforeRecording()
        return try await fuse.guarding { try await base.record(delivery) }
    }

    func enqueue(_ item: NewWorkItem) async throws -> EnqueueResult {
        try await fuse.guarding { try await base.enqueue(item) }
    }

    func claimNext(of agent: AgentName, as run: NewRun, rule: ClaimRule) async throws -> ClaimResult {
        try await fuse.guarding { try await base.claimNext(of: agent, as: run, rule: rule) }
    }

    func queueHeads(of agents: [AgentName: ClaimRule], at time: Date) async throws -> [QueueHead] {
        try await fuse.guarding { try await base.queueHeads(of: agents, at: time) }
    }

    func nextDueTime(after time: Date) async throws -> Date? {
        try await fuse.guarding { try await base.nextDueTime(after: time) }
    }

    func requeue(_ run: RunID, endingAs state: RunState, reason: String, at time: Date) async throws -> DroppedItem? {
        try await fuse.guarding { try await base.requeue(run, endingAs: state, reason: reason, at: time) }
    }

    func attempts(ofItem id: String) async throws -> StartAttempts {
        try await fuse.guarding { try await base.attempts(ofItem: id) }
    }

    func dropWaiting(of agent: AgentName?, reason: String, at time: Date) async throws -> Int {
        try await fuse.guarding { try await base.dropWaiting(of: agent, reason: reason, at: time) }
    }

    func waitingItems(of agent: AgentName?) async throws -> [WorkItem] {
        try await fuse.guarding { try await base.waitingItems(of: agent) }
    }

    func queueDepths() async throws -> [AgentName: Int] {
        try await fuse.guarding { try await base.queueDepths() }
    }

    func noteSchedules(_ schedules: [AgentName: String], at time: Date) async throws -> [AgentName: Date] {
        if refusesSlots() { throw StorageError(code: .cannotWrite, message: "disk full") }
        return try await fuse.guarding { try await base.noteSchedules(schedules, at: time) }
    }

    func decide(_ slots: [SlotDecision]) async throws -> [DecidedSlot] {
        if refusesSlots() { throw StorageError(code: .cannotWrite, message: "disk full") }
        return try await fuse.guarding { try await base.decide(slots) }
    }

    func startDirect(_ run: NewRun) async throws -> RunRecord {
        try await fuse.guarding { try await base.startDirect(run) }
    }

    func setHandle(
        _ handle: String,
        runtime: String,
        isolation: String?,
        network: JSONValue,
        of run: RunID,
        at time: Date
    ) async throws {
        try await fuse.guarding {
            try await base.setHandle(
                handle,
                runtime: runtime,
                isolation: isolation,
                network: network,
                of: run,
                at: time
            )
        }
    }

    func setRunning(_ run: RunID, at time: Date) async throws {
        try await fuse.guarding { try await base.setRunning(run, at: time) }
    }

    func setLogPosition(_ position: String, of run: RunID) async throws {
        try await fuse.guarding { try await base.setLogPosition(position, of: run) }
    }

    func spend(_ cost: Double, by agent: AgentName, at time: Date) async throws {
        try await fuse.guarding { try await base.spend(cost, by: agent, at: time) }
    }

    func count(_ reply: ModelReply, of run: RunID) async throws {
        try await fuse.guarding { try await base.count(reply, of: run) }
    }

    func spent(by agent: AgentName?, from: Date, to: Date) async throws -> Double {
        try await fuse.guarding { try await base.spent(by: agent, from: from, to: to) }
    }

    func setConfiguration(_ hash: String, timeout: Int, of run: RunID) async throws {
        try await fuse.guarding { try await base.setConfiguration(hash, timeout: timeout, of: run) }
    }

    func noteModelKeys(fetchedBy run: RunID) async throws {
        try await fuse.guarding { try await base.noteModelKeys(fetchedBy: run) }
    }

    func noteStop(_ cause: StopCause, of run: RunID) async throws {
        try await fuse.guarding { try await base.noteStop(cause, of: run) }
    }

    func note(returnValue: ReturnValue, of run: RunID) async throws {
        try await fuse.guarding { try await base.note(returnValue: returnValue, of: run) }
    }

    func end(_ run: RunID, with outcome: RunOutcome, at time: Date) async throws -> RunRecord? {
        try await fuse.guarding { try await base.end(run, with: outcome, at: time) }
    }

    func run(_ id: RunID) async throws -> RunRecord? {
        try await fuse.guarding { try await base.run(id) }
    }

    func openRuns() async throws -> [RunRecord] {
        try await fuse.guarding { try await base.openRuns() }
    }

    func runs(of agent: AgentName?, limit: Int) async throws -> [RunRecord] {
        try await fuse.guarding { try await base.runs(of: agent, limit: limit) }
    }

    func createCall(_ call: NewCall, item: NewWorkItem) async throws -> EnqueueResult {
        try await fuse.guarding { try await base.createCall(call, item: item) }
    }

    func call(_ id: String, madeBy caller: InstanceID) async throws -> CallRecord? {
        try await fuse.guarding { try await base.call(id, madeBy: caller) }
    }

    func acquireLock(_ key: String, holder: InstanceID, ttl: Duration, at time: Date) async throws -> LockAnswer {
        try await fuse.guarding { try await base.acquireLock(key, holder: holder, ttl: ttl, at: time) }
    }

    func heartbeatLock(_ key: String, holder: InstanceID, ttl: Duration, at time: Date) async throws -> LockAnswer {
        try await fuse.guarding { try await base.heartbeatLock(key, holder: holder, ttl: ttl, at: time) }
    }

    func releaseLock(_ key: String, holder: InstanceID, at time: Date) async throws -> LockAnswer {
        try await fuse.guarding { try await base.releaseLock(key, holder: holder, at: time) }
    }

    func sweepLocks(at time: Date, keeping others: Set<InstanceID>) async throws -> Int {
        try await fuse.guarding { try await base.sweepLocks(at: time, keeping: others) }
    }

    func locks(of holder: InstanceID?, at time: Date) async throws -> [LockRecord] {
        try await fuse.guarding { try await base.locks(of: holder, at: time) }
    }

    func flags() async throws -> SchedulerFlags {
        try await fuse.guarding { try await base.flags() }
    }

    func setPaused(since time: Date?) async throws {
        try await fuse.guarding { try await base.setPaused(since: time) }
    }

    func setEnabled(_ isEnabled: Bool, agent: AgentName) async throws {
        try await fuse.guarding { try await base.setEnabled(isEnabled, agent: agent) }
    }

    func prune(olderThan time: Date) async throws {
        try await fuse.guarding { try await base.prune(olderThan: time) }
    }

    func problem() async -> String? { await base.problem() }

    func reject(_ rejection: RejectedDelivery) async throws {
        try await fuse.guarding { try await base.reject(rejection) }
    }

    var history: any History { base.history }
}
