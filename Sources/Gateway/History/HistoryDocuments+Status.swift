package import Domain
package import FoundationEssentials
import OrderedCollections
package import Scheduler
package import Storage

extension HistoryDocuments {
    /// Days for which dropped items are counted in the status.
    private static let droppedDays = 7.0

    /// What `/control/status` and `/locks/status` say, as far as records know it while no scheduler runs.
    ///
    /// - Parameters:
    ///   - facts: the project as its files describe it.
    ///   - history: the records; `nil` before the first start.
    ///   - now: the moment.
    /// - Returns: the document; its `scheduler` is null.
    /// - Throws: what the history throws.
    package static func status(of facts: ProjectFacts, in history: (any History)?, now: Date) async throws -> JSONValue
    {
        let status = try await RecordedStatus(of: facts, in: history, at: now)
        return [
            "scheduler": .null,
            "paused": .bool(facts.flags.isPaused),
            "agents": .array(status.agents.map(\.json)),
            "instances": .array(status.instances.map(\.json)),
            "locks": .array(try await history?.locks(at: now).map(\.operatorJSON) ?? []),
            "dropped": try await dropped(in: history, now: now),
            "spentBudgets": .array(status.spentBudgets.map(\.json)),
        ]
    }

    /// Items dropped in the last seven days, by reason.
    static func dropped(in history: (any History)?, now: Date) async throws -> JSONValue {
        let counts = try await history?.dropped(since: now.addingTimeInterval(-droppedDays * 86_400)) ?? [:]
        return .object(counts.mapValues { .int($0) })
    }
}

extension DailyBudget {
    /// `agent` is null for the budget of the project.
    var json: JSONValue {
        [
            "agent": agent.map { .string($0.rawValue) } ?? .null, "limit": .double(limit), "spent": .double(spent),
            "until": dayEnd.json,
        ]
    }
}
