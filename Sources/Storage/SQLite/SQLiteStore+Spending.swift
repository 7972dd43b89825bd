package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func count(_ reply: ModelReply, of run: RunID) async throws {
        try await write { database in
            guard
                let row = try database.row(
                    "SELECT agent, models FROM runs WHERE id = ? AND state IN ('starting', 'running')",
                    [run.rawValue]
                )
            else { return }
            var models = RunRecord.models(row["models"])
            if let model = reply.model, !models.contains(model) { models.append(model) }
            try database.run(
                "UPDATE runs SET cost = cost + ?, models = ?, log_position = ? WHERE id = ?",
                [reply.cost, models.joined(separator: "\n"), reply.position, run.rawValue]
            )
            try database.spend(reply.cost, by: row["agent"], at: reply.at)
        }
    }

    package func spend(_ cost: Double, by agent: AgentName, at time: Date) async throws {
        try await write { try $0.spend(cost, by: agent.rawValue, at: time) }
    }

    package func spent(by agent: AgentName?, from: Date, to: Date) async throws -> Double {
        try await read { try $0.spent(by: agent, from: from, to: to) }
    }
}

extension Database {
    /// What one agent or all spent from one time up to another.
    func spent(by agent: AgentName?, from: Date, to: Date) throws -> Double {
        let agent = agent?.rawValue
        return try row(
            """
            SELECT coalesce(sum(cost), 0.0) FROM spending
            WHERE quarter >= ? AND quarter < ? AND (? IS NULL OR agent = ?)
            """,
            [from.quarter, to.quarter, agent, agent]
        )?[0] ?? 0
    }

    /// Adds to what an agent spent.
    func spend(_ cost: Double, by agent: String, at time: Date) throws {
        guard cost > 0 else { return }
        try run(
            """
            INSERT INTO spending (quarter, agent, cost) VALUES (?, ?, ?)
            ON CONFLICT (quarter, agent) DO UPDATE SET cost = cost + excluded.cost
            """,
            [time.quarter, agent, cost]
        )
    }
}

extension Date {
    /// Quarters of an hour since 1970.
    var quarter: Int64 { Int64((timeIntervalSince1970 / 900).rounded(.down)) }
}
