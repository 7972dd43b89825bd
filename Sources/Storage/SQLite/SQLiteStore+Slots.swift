package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func noteSchedules(_ schedules: [AgentName: String], at time: Date) async throws -> [AgentName: Date] {
        try await write { database in
            for row in try database.rows("SELECT agent, text FROM schedules") {
                let name: String = row[0]
                let agent = try StoredTrigger.agent(name, of: "a schedule")
                guard schedules[agent] != row[1] as String else { continue }
                try database.run("DELETE FROM schedules WHERE agent = ?", [name])
            }
            var decided: [AgentName: Date] = [:]
            for (agent, text) in schedules {
                try database.run(
                    "INSERT OR IGNORE INTO schedules (agent, text, since) VALUES (?, ?, ?)",
                    [agent.rawValue, text, time.milliseconds]
                )
                decided[agent] = try database.slotsAreDecided(of: agent)
            }
            return decided
        }
    }

    package func decide(_ slots: [SlotDecision]) async throws -> [DecidedSlot] {
        guard !slots.isEmpty else { return [] }
        return try await write { database in try slots.compactMap { try database.decide($0) } }
    }
}

extension Database {
    fileprivate func slotsAreDecided(of agent: AgentName) throws -> Date? {
        let row = try row(
            """
            SELECT max(since, coalesce((SELECT max(due_at) FROM slots WHERE slots.agent = schedules.agent), since))
            FROM schedules WHERE agent = ?
            """,
            [agent.rawValue]
        )
        return (row?[0] as Int64?).map(Date.init(milliseconds:))
    }

    /// Records the end of a slot; `nil` when it has one.
    fileprivate func decide(_ slot: SlotDecision) throws -> DecidedSlot? {
        guard try !isDecided(slot.agent, slot.due.milliseconds) else { return nil }
        switch slot.end {
        case .fired(let run, let catchUp):
            try insert(slot, "fired", run: run.instance.run, catchUp: catchUp)
            return DecidedSlot(slot: slot, run: try insert(direct: run, trigger: StoredTrigger(run.trigger)))
        case .skipped(let reason):
            try insert(slot, "skipped", reason: reason.rawValue)
        case .missed:
            try insert(slot, "missed")
        case .missedMany(let first, let count):
            try insert(slot, "missed", first: first, count: count)
        }
        return DecidedSlot(slot: slot)
    }

    private func isDecided(_ agent: AgentName, _ due: Int64) throws -> Bool {
        try row(
            """
            SELECT 1 FROM slots WHERE agent = ? AND due_at >= ? AND coalesce(first_due_at, due_at) <= ? LIMIT 1
            """,
            [agent.rawValue, due, due]
        ) != nil
    }

    private func insert(
        _ slot: SlotDecision,
        _ ending: String,
        reason: String? = nil,
        run: RunID? = nil,
        catchUp: Int? = nil,
        first: Date? = nil,
        count: Int = 1
    ) throws {
        try self.run(
            """
            INSERT INTO slots (agent, due_at, ending, reason, run_id, catch_up, first_due_at, count)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                slot.agent.rawValue, slot.due.milliseconds, ending, reason, run?.rawValue, catchUp,
                first?.milliseconds, count,
            ]
        )
    }
}
