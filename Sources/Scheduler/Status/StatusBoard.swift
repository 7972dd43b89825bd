import Domain
import FoundationEssentials
import Storage

/// What the status API shows and no database knows.
struct StatusBoard {
    static let activityLimit = 100
    /// Seconds for which a run is shown after its end.
    static let afterlife = 60.0

    private struct Shown {
        var status: InstanceStatus
        var endedAt: Date?
    }

    private(set) var agents: [AgentName: AgentStatus]
    private(set) var activity: [ActivityLine] = []
    private var instances: [InstanceID: Shown] = [:]

    init(agents: [AgentConfig], scales: [AgentName: Int]) {
        self.agents = [:]
        for agent in agents { add(agent, scale: scales[agent.name] ?? agent.scale) }
    }

    /// Shows an agent that came while the scheduler runs.
    mutating func add(_ agent: AgentConfig, scale: Int) {
        var status = AgentStatus(name: agent.name, scale: scale)
        status.description = agent.description
        agents[agent.name] = status
    }

    mutating func remove(_ agent: AgentName) { agents[agent] = nil }

    mutating func change(_ agent: AgentName, _ body: (inout AgentStatus) -> Void) {
        guard var status = agents[agent] else { return }
        body(&status)
        agents[agent] = status
    }

    mutating func note(_ agent: String, _ message: String, at time: Date) {
        activity.append(ActivityLine(time: time, agent: agent, message: message))
        if activity.count > Self.activityLimit { activity.removeFirst(activity.count - Self.activityLimit) }
    }

    mutating func begin(_ record: RunRecord, label: String, at time: Date) {
        change(record.instance.agent) { status in
            status.state = "running"
            status.runningCount += 1
            status.statusText = nil
            status.lastError = nil
            status.runReason = label
        }
        instances[record.instance] = Shown(
            status: InstanceStatus(
                instance: record.instance,
                status: "running",
                startedAt: record.startedAt,
                trigger: record.trigger.wireLabel
            )
        )
        note(record.instance.agent.rawValue, "\(record.instance) started (\(label))", at: time)
    }

    /// Shows the last run of an agent that ended before anybody looked.
    mutating func showLast(_ record: RunRecord, of agent: AgentName) {
        guard let end = record.endedAt else { return }
        change(agent) { $0.showLastRun(record, endedAt: end, in: record.state, usage: record.outcome?.usage) }
    }

    mutating func setText(_ text: String, of instance: InstanceID) {
        change(instance.agent) { $0.statusText = text }
        instances[instance]?.status.statusText = text
    }

    mutating func end(_ record: RunRecord, with outcome: RunOutcome, at time: Date) {
        change(record.instance.agent) { status in
            status.runningCount = max(0, status.runningCount - 1)
            status.showLastRun(record, endedAt: time, in: outcome.state, usage: outcome.usage)
            if let usage = outcome.usage { status.cumulativeUsage = (status.cumulativeUsage ?? TokenUsage()) + usage }
            if outcome.state == .succeeded {
                if status.runningCount == 0, status.state == "running" { status.state = "idle" }
            } else {
                status.state = "error"
                status.lastError = outcome.reason.map { String($0.prefix(200)) }
            }
            if status.runningCount == 0 { status.statusText = nil }
        }
        instances[record.instance]?.status.status =
            switch outcome.state {
            case .succeeded: "completed"
            case .killed: "killed"
            default: "error"
            }
        instances[record.instance]?.endedAt = time
        let seconds = Self.seconds(milliseconds: record.milliseconds(until: time))
        note(record.instance.agent.rawValue, "\(record.instance) \(outcome.wireResult) (\(seconds))", at: time)
    }

    /// Runs that live or ended lately, oldest first.
    func instances(at time: Date) -> [InstanceStatus] {
        instances.values
            .filter { shown in shown.endedAt.map { time.timeIntervalSince($0) < Self.afterlife } ?? true }
            .map(\.status)
            .sorted { ($0.startedAt, $0.instance) < ($1.startedAt, $1.instance) }
    }

    /// Forgets runs that are no longer shown.
    mutating func forgetEnded(at time: Date) {
        instances = instances.filter { $0.value.endedAt.map { time.timeIntervalSince($0) < Self.afterlife } ?? true }
    }

    /// `12.3s`.
    static func seconds(milliseconds: Int) -> String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)s"
    }
}

extension AgentStatus {
    /// The duration of the last run, as `12.3s`.
    package var lastRunSeconds: String? { lastRunDuration.map { StatusBoard.seconds(milliseconds: $0) } }

    fileprivate mutating func showLastRun(
        _ record: RunRecord,
        endedAt end: Date,
        in state: RunState,
        usage: TokenUsage?
    ) {
        lastRunAt = record.startedAt
        lastRunDuration = record.milliseconds(until: end)
        lastRunState = state
        lastRunUsage = usage
    }
}

extension RunRecord {
    /// How long it took; no time at all where somebody set the clock back meanwhile.
    func milliseconds(until end: Date) -> Int {
        max(0, Int((end.timeIntervalSince(startedAt) * 1000).rounded()))
    }
}
