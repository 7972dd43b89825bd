import Domain
import Foundation
import Gateway
import NIOPosix
import Scheduler
import Storage
import Synchronization
import TestSupport
import Webhooks

let dev = InstanceID("dev-a1b2c3d4")
let ops = InstanceID("ops-00000001")

/// Answers as configured and remembers what it was asked.
final class FakePlanes: Intake, RunsPlane, OperatorPlane {
    struct State {
        var sources: [String: WebhookSourceConfig] = ["t": .init(type: "test")]
        var delivery: Result<DeliveryResult, any Error> = .success(.init(matched: 1, skipped: 0))
        var deliveries: [VerifiedDelivery] = []
        var rejections: [RejectedDelivery] = []
        var verdicts: [TriggerVerdict] = []
        var lock: LockAnswer = .ok(expiresAt: Date(timeIntervalSince1970: 1_710_701_800))
        var callFailure: RefusalError?
        var call: CallRecord?
        var refusal: RefusalError?
        var orders: [String] = []
        var problems: [String] = []
        var cronJobs = 2
        /// Whose run is over.
        var ended: Set<String> = []
        var keysFetched = false
        var triggered: TriggerAnswer = .init(instance: dev)
        var listeners: [AsyncStream<Void>.Continuation] = []
        var statusReads = 0
        var store: (any Store)?
        /// Thrown by every order that no ``refusal`` refuses.
        var failure: (any Error)?
        var history: any History = EmptyHistory()
        var agents: [AgentConfig] = []
        /// Whether deliveries and orders came on the event loop of a connection.
        var areOnEventLoop: [Bool] = []
    }

    let state = Mutex(State())

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    private func note(_ order: String) throws {
        try state.withLock { state in
            state.areOnEventLoop.append(MultiThreadedEventLoopGroup.currentEventLoop != nil)
            if let refusal = state.refusal { throw refusal }
            if let failure = state.failure { throw failure }
            state.orders.append(order)
        }
    }

    var webhookSources: [String: WebhookSourceConfig] { state.withLock { $0.sources } }

    func accept(_ delivery: VerifiedDelivery) throws -> DeliveryResult {
        try state.withLock { state in
            state.areOnEventLoop.append(MultiThreadedEventLoopGroup.currentEventLoop != nil)
            state.deliveries.append(delivery)
            return try state.delivery.get()
        }
    }

    func verdicts(on delivery: VerifiedDelivery) -> [TriggerVerdict] { state.withLock { $0.verdicts } }
    func reject(_ rejection: RejectedDelivery) { set { $0.rejections.append(rejection) } }
    func noteActivity(_ line: String) { set { $0.orders.append("activity \(line)") } }

    func run(withSecret secret: String) -> InstanceID? {
        guard !state.withLock({ $0.ended.contains(secret) }) else { return nil }
        return secret == "s1" ? dev : secret == "s2" ? ops : nil
    }

    /// A real store answers where there is one.
    private var store: (any Store)? { state.withLock { $0.store } }
    private var lockAnswer: LockAnswer { state.withLock { $0.lock } }

    func acquireLock(_ key: String, ttl: Int?, by run: InstanceID) async throws -> LockAnswer {
        try await store?.acquireLock(key, holder: run, ttl: .seconds(60), at: StoreSamples.start) ?? lockAnswer
    }

    func heartbeatLock(_ key: String, ttl: Int?, by run: InstanceID) async throws -> LockAnswer {
        try await store?.heartbeatLock(key, holder: run, ttl: .seconds(60), at: StoreSamples.start) ?? lockAnswer
    }

    func releaseLock(_ key: String, by run: InstanceID) async throws -> LockAnswer {
        try await store?.releaseLock(key, holder: run, at: StoreSamples.start) ?? lockAnswer
    }

    func locks(of run: InstanceID) async throws -> [LockRecord] {
        if let store { return try await store.locks(of: run, at: StoreSamples.start) }
        let time = Date(timeIntervalSince1970: 1)
        return run == dev ? [LockRecord(key: "k", holder: run, heldSince: time, expiresAt: time)] : []
    }

    func call(_ target: String, context: String, by run: InstanceID) throws -> String {
        if let failure = state.withLock({ $0.callFailure }) { throw failure }
        set { $0.orders.append("call \(target) \(context)") }
        return "c-1"
    }

    func call(id: String, by run: InstanceID, wait: Duration?) async throws -> CallRecord? {
        if let store { return try await store.call(id, madeBy: run) }
        set { $0.orders.append("look \(id) \(wait.map { "\($0)" } ?? "-")") }
        return state.withLock { $0.call }
    }

    func setStatus(_ text: String, of run: InstanceID) { set { $0.orders.append("status \(text)") } }
    func requestRerun(by run: InstanceID) { set { $0.orders.append("rerun") } }
    func setReturnValue(_ value: String, isBeginning: Bool, of run: InstanceID) {
        set { $0.orders.append("return \(value)\(isBeginning ? "…" : "")") }
    }

    func shutDown(_ run: InstanceID, reason: String) -> String {
        set { $0.orders.append("shutdown \(reason)") }
        return "al-\(run)"
    }

    func modelCredentials(of run: InstanceID) -> JSONValue? {
        state.withLock { state in
            defer { state.keysFetched = true }
            return state.keysFetched ? nil : ["anthropic_key": ["default": ["token": "t"]]]
        }
    }

    func spentBudgets() -> [DailyBudget] { [] }

    func status() throws -> SchedulerStatus {
        var agents: [AgentStatus] = []
        if let dev { agents = [AgentStatus(name: dev.agent, scale: 1)] }
        return state.withLock { state in
            state.statusReads += 1
            return SchedulerStatus(
                mode: .docker,
                projectName: "p<1>",
                isInitializing: false,
                isPaused: false,
                isStopping: false,
                startedAt: Date(timeIntervalSince1970: 0),
                cronJobCount: state.cronJobs,
                agents: agents,
                instances: [],
                activity: [
                    .init(time: Date(timeIntervalSince1970: 0), agent: "dev", message: "<b>\(state.statusReads)")
                ],
                problems: state.problems
            )
        }
    }

    func problems() -> [String] { state.withLock { $0.problems } }

    func locks() async throws -> [LockRecord] {
        guard let dev else { return [] }
        return try await locks(of: dev)
    }
    var history: any History { state.withLock { $0.history } }

    func facts() -> ProjectFacts {
        state.withLock { state in
            ProjectFacts(
                id: "0123456789ab",
                agents: state.agents,
                config: ProjectConfig(),
                defaultZone: .gmt,
                flags: SchedulerFlags(),
                phase: .working
            )
        }
    }

    func trigger(_ agent: String, prompt: String?) throws -> TriggerAnswer {
        try note("trigger \(agent) \(prompt ?? "-")")
        return state.withLock { $0.triggered }
    }

    func setPaused(_ isPaused: Bool) throws { try note("paused \(isPaused)") }
    func setEnabled(_ isEnabled: Bool, agent: String) throws { try note("enabled \(isEnabled) \(agent)") }
    func kill(instance: String) throws { try note("kill \(instance)") }

    func kill(agent: String) throws -> Int {
        try note("kill all \(agent)")
        return 2
    }

    func stop(_ order: StopOrder) throws -> StopAnswer {
        try note("stop \(order.now) \(order.grace.map(String.init) ?? "-") \(order.clear)")
        return StopAnswer(running: order.now ? 0 : 3, dropped: order.clear ? 2 : 0)
    }

    func statusChanges() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in set { $0.listeners.append(continuation) } }
    }
}

/// Every sleep ends at once.
struct InstantClock: Clock {
    typealias Instant = ContinuousClock.Instant
    var now: Instant { ContinuousClock().now }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// Every look at it finds it later, by a tenth of a second unless told otherwise.
final class RunningClock: Clock {
    typealias Instant = ContinuousClock.Instant
    private let time = Mutex(ContinuousClock().now)
    private let step: Duration

    init(step: Duration = .milliseconds(100)) { self.step = step }

    var now: Instant {
        time.withLock { time in
            time += step
            return time
        }
    }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws { try Task.checkCancellation() }
}

/// Deliveries that a test put there.
final class FakeReceipts: Receipts {
    let stored = Mutex<[(receipt: Receipt, body: [UInt8]?)]>([])
    let queries = Mutex<[ReceiptQuery]>([])

    func receipts(_ query: ReceiptQuery) -> ReceiptPage {
        queries.withLock { $0.append(query) }
        return ReceiptPage(receipts: stored.withLock { $0.map(\.receipt) }, next: 7)
    }

    func receipt(_ id: String) -> Receipt? { stored.withLock { $0.first { $0.receipt.id == id }?.receipt } }

    func body(ofReceipt id: String) -> [UInt8]? { stored.withLock { $0.first { $0.receipt.id == id }?.body } }
}

/// A gateway over fakes.
struct Bench {
    let planes = FakePlanes()
    let receipts = FakeReceipts()
    let chats = FakeChats()
    let key = Shared("key")
    let time = Shared(Date(timeIntervalSince1970: 1_710_700_000))
    let lines = Shared<[GatewayLogLine]>([])
    let secrets = Shared<StoredSecrets>([:])
    var directory = NSTemporaryDirectory() + UUID().uuidString
    var clock: any Clock<Duration> = InstantClock()

    func gateway(
        _ options: GatewayOptions = .init(port: 0, projectName: "p<1>", hasWebUI: true),
        models: any ModelDoor = RepeatingDoor(),
        onServing: @escaping @Sendable (GatewayPorts) async -> Void = { _ in }
    )
        throws -> Gateway
    {
        let counter = Shared<UInt8>(0)
        return try Gateway(
            dependencies: GatewayDependencies(
                intake: planes,
                runs: planes,
                models: models,
                operators: planes,
                chats: chats,
                receipts: receipts,
                mask: { $0.replacing("hunter22", with: "[masked]") },
                secrets: { [secrets] _, instances in
                    var stored = secrets.value
                    guard let instances else { return stored }
                    stored.values = stored.values.filter { instances.contains($0.key) }
                    stored.unreadable = stored.unreadable.filter { instances.contains($0.key) }
                    return stored
                },
                apiKey: { [key] in key.value },
                logsDirectory: directory,
                transcriptsDirectory: directory,
                log: { [lines] line in lines.change { $0.append(line) } },
                clock: clock,
                now: { [time] in time.value },
                randomBytes: { count in
                    counter.change { $0 &+= 1 }
                    return [UInt8](repeating: counter.value, count: count)
                }
            ),
            options: options,
            onServing: onServing
        )
    }
}

/// A shared value.
final class Shared<Value: Sendable>: Sendable {
    private let box: Mutex<Value>
    init(_ value: Value) { box = Mutex(value) }
    var value: Value { box.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { box.withLock { body(&$0) } }
}
