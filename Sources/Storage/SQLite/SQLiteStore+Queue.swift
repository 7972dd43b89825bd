package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func enqueue(_ item: NewWorkItem) async throws -> EnqueueResult {
        let stored = StoredItem(item)
        return try await write { try $0.insert(stored) }
    }

    package func claimNext(of agent: AgentName, as run: NewRun) async throws -> RunRecord? {
        let claimed = try await write { database -> ClaimedItem? in
            guard
                let row = try database.row(
                    "SELECT * FROM work_items WHERE agent = ? AND state = 'waiting' ORDER BY position LIMIT 1",
                    [agent.rawValue]
                )
            else { return nil }
            let item = ClaimedItem(row: row)
            try database.run("UPDATE work_items SET state = 'claimed' WHERE id = ?", [item.id])
            if let call = item.callID {
                try database.run("UPDATE calls SET state = 'running' WHERE id = ? AND state = 'pending'", [call])
            }
            try database.insert(
                run,
                triggerText: item.trigger,
                callID: item.callID,
                itemID: item.id,
                queuedAt: item.receivedAt
            )
            return item
        }
        guard let claimed else { return nil }
        var run = run
        run.trigger = try StoredTrigger.trigger(from: claimed.trigger, of: "work item \(claimed.id)")
        return RunRecord(starting: run, itemID: claimed.id, queuedAt: claimed.receivedAt)
    }

    package func requeue(_ run: RunID, endingAs state: RunState, reason: String, at time: Date) async throws {
        try await write { database in
            guard let row = try database.row("SELECT * FROM runs WHERE id = ?", [run.rawValue]) else { return }
            let record = try RunRecord(row: row)
            let outcome = RunOutcome(state: state, reason: reason)
            guard let item = record.itemID else {
                try database.end(record, with: outcome, at: time)
                return
            }
            guard try database.end(record, with: outcome, at: time, keepingCall: true) else { return }
            try database.run("UPDATE work_items SET state = 'waiting' WHERE id = ? AND state = 'claimed'", [item])
            guard case .call(let facts) = record.trigger else { return }
            try database.run("UPDATE calls SET state = 'pending' WHERE id = ? AND state = 'running'", [facts.callID])
        }
    }

    package func dropWaiting(of agent: AgentName?, reason: String, at time: Date) async throws -> Int {
        try await write { try $0.dropWaiting(of: agent, reason: reason, at: time) }
    }

    package func waitingItems(of agent: AgentName?) async throws -> [WorkItem] {
        try await read { database in
            let agent = agent?.rawValue
            let rows = try database.rows(
                "SELECT * FROM work_items WHERE state = 'waiting' AND (? IS NULL OR agent = ?) ORDER BY position",
                [agent, agent]
            )
            return try rows.map { try WorkItem(row: $0) }
        }
    }

    package func queueDepths() async throws -> [AgentName: Int] {
        try await read { database in
            var depths: [AgentName: Int] = [:]
            for row in try database.rows("SELECT agent, depth FROM queue_depths WHERE depth > 0") {
                depths[try StoredTrigger.agent(row[0], of: "a queue")] = row[1]
            }
            return depths
        }
    }
}

/// What a claim needs of a work item.
private struct ClaimedItem: Sendable {
    let id: String
    let trigger: String
    let receivedAt: Date
    let callID: String?

    init(row: Row) {
        id = row["id"]
        trigger = row["trigger"]
        receivedAt = Date(milliseconds: row["received_at"])
        callID = row["call_id"]
    }
}
