package import Domain
package import FoundationEssentials
import GRDB
import OrderedCollections

extension SQLiteHistory {
    package func run(_ id: RunID) async throws -> RunRecord? {
        try await read { database in
            try database.row("SELECT * FROM runs WHERE id = ?", [id.rawValue]).map { try RunRecord(row: $0) }
        }
    }

    package func runs(_ query: RunQuery) async throws -> RunPage {
        try await read { database in
            // Open runs are few and have an index of their own, which is used for its own words only, and not beside that of times.
            let isOpen = query.state.map { !$0.isFinal } ?? false
            let fits = """
                FROM runs WHERE (:agent IS NULL OR agent = :agent) AND (:state IS NULL OR state = :state)
                AND \(isOpen ? "state IN ('starting', 'running') AND +started_at" : "started_at") >= :since
                """
            let wishes: StatementArguments = [
                "agent": query.agent?.rawValue, "state": query.state?.rawValue, "since": query.since?.milliseconds ?? 0,
            ]
            let total: Int? = query.isCounted ? try database.row("SELECT count(*) \(fits)", wishes)?[0] ?? 0 : nil
            let place: StatementArguments = ["limit": max(0, query.limit), "offset": max(0, query.offset)]
            let rows = try database.rows(
                "SELECT * \(fits) ORDER BY position DESC LIMIT :limit OFFSET :offset",
                wishes + place
            )
            return RunPage(runs: try rows.map { try RunRecord(row: $0) }, total: total)
        }
    }

    package func lastEndedRuns(of agents: [AgentName]) async throws -> [AgentName: RunRecord] {
        try await read { database in
            var runs: [AgentName: RunRecord] = [:]
            // One at a time: so the index of an agent's runs is read from its end.
            for agent in agents {
                runs[agent] = try database.row(
                    "SELECT * FROM runs WHERE agent = ? AND ended_at IS NOT NULL ORDER BY position DESC LIMIT 1",
                    [agent.rawValue]
                ).map { try RunRecord(row: $0) }
            }
            return runs
        }
    }

    package func transitions(of run: RunID) async throws -> [RunTransition] {
        try await read { database in
            let rows = try database.rows(
                "SELECT old_state, new_state, at FROM run_transitions WHERE run_id = ? ORDER BY rowid",
                [run.rawValue]
            )
            return try rows.map { row in
                RunTransition(
                    from: try (row[0] as String?).map { try RunRecord.state($0, of: run) },
                    to: try RunRecord.state(row[1], of: run),
                    at: Date(milliseconds: row[2])
                )
            }
        }
    }

    package func summary(of agent: AgentName?, since: Date) async throws -> [RunSummary] {
        try await read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT date(started_at / 1000, 'unixepoch') AS day, agent, state, ended_at - started_at AS duration,
                        coalesce(json_extract(usage, '$.totalTokens'), 0) AS tokens,
                        CASE WHEN usage IS NULL THEN cost ELSE json_extract(usage, '$.cost') END AS spent
                    FROM runs WHERE started_at >= ? AND (? IS NULL OR agent = ?)
                    """
            )
            // Row by row: months of runs are not held in memory.
            let rows = try Row.fetchCursor(
                statement,
                arguments: [since.milliseconds, agent?.rawValue, agent?.rawValue]
            )
            var tallies: [RunTally.Key: RunTally] = [:]
            while let row = try rows.next() {
                tallies[RunTally.Key(day: row["day"], agent: row["agent"]), default: RunTally()].add(row)
            }
            return try tallies.sorted { ($1.key.day, $0.key.agent) < ($0.key.day, $1.key.agent) }.map {
                try $0.value.summary(of: $0.key)
            }
        }
    }
}

/// The runs of one agent on one day while they are counted.
private struct RunTally {
    struct Key: Hashable {
        let day: String
        let agent: String
    }

    private var runs = 0
    private var succeeded = 0
    private var durations: [Int] = []
    private var tokens = 0
    private var cost: Double? = 0

    mutating func add(_ row: Row) {
        runs += 1
        if row["state"] as String == RunState.succeeded.rawValue { succeeded += 1 }
        if let duration: Int = row["duration"] { durations.append(duration) }
        // What a state file of before says may be anything.
        tokens += min(max(0, row["tokens"]), TokenUsage.largestCount)
        // A run that was killed told no usage; what its replies cost was counted as they came.
        let spent: Double? = row["spent"]
        cost = cost.flatMap { sum in spent.map { sum + $0 } }
    }

    func summary(of key: Key) throws -> RunSummary {
        let sorted = durations.sorted()
        return RunSummary(
            day: key.day,
            agent: try StoredTrigger.agent(key.agent, of: "a run"),
            runs: runs,
            succeeded: succeeded,
            failed: durations.count - succeeded,
            medianMs: Quantile.value(of: sorted, share: 0.5),
            p95Ms: Quantile.value(of: sorted, share: 0.95),
            totalTokens: tokens,
            cost: cost
        )
    }
}
