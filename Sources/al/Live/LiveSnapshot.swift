import Domain
import FoundationEssentials
import Scheduler
import Storage

/// What the live view shows of the scheduler at one moment.
struct LiveSnapshot: Sendable {
    /// What an agent did since midnight UTC, like the days of `al stats`.
    struct Today: Hashable, Sendable {
        var runs: Int
        /// USD; `nil` when a price is unknown.
        var cost: Double?
    }

    var status: SchedulerStatus
    var today: [AgentName: Today] = [:]

    /// Asks the scheduler.
    static func take(from operators: any OperatorPlane, at time: Date) async throws -> LiveSnapshot {
        let status = try await operators.status()
        let seconds = time.timeIntervalSince1970
        let midnight = Date(timeIntervalSince1970: seconds - seconds.truncatingRemainder(dividingBy: 86_400))
        let rows = try await operators.history.summary(of: nil, since: midnight)
        let today = rows.map { ($0.agent, Today(runs: $0.runs, cost: $0.cost)) }
        return LiveSnapshot(status: status, today: Dictionary(today, uniquingKeysWith: { first, _ in first }))
    }

    /// The newest of an agent's live runs.
    func liveRun(of agent: AgentName) -> InstanceStatus? {
        status.instances.last { $0.instance.agent == agent && $0.status == "running" }
    }
}
