import ArgumentParser
import Domain
import Foundation
import Gateway
import OrderedCollections
import Terminal

/// `al stats`: runs, their success, duration, tokens and cost.
struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show runs per agent and day: success, duration, tokens, cost.",
        discussion: "Example:\n  al stats --since 30d\n  al stats dev -n 50\n  al stats --calls"
    )

    @Argument(help: "Only this agent; also lists its last runs.")
    var agent: String?

    @Option(name: .long, help: ArgumentHelp("How far to look back, such as 24h or 7d.", valueName: "time"))
    var since = Since(days: 7)

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Runs to list.", valueName: "count"))
    var count = 20

    @Flag(name: .long, help: "Who called whom how often.")
    var calls = false

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard (1...200).contains(count) else { throw ValidationError("--count must be a number from 1 to 200.") }
    }

    func run() async throws {
        let context = try ProjectContext(options)
        let begin = since.date(from: Date())
        var document = try await summary(context, begin)
        if let agent {
            document["runs"] = try await runs(of: agent, context, begin)["runs"]
            // An agent that is gone may still have runs, also older ones.
            if document["runs"]?.arrayValue?.isEmpty != false,
                try await runs(of: agent, context, .distantPast)["runs"]?.arrayValue?.isEmpty != false
            {
                try context.requireAgent(agent)
            }
        }
        if json { return Console.output(json: document) }
        StatsReport(document: document, showsCalls: calls, width: Console.width).lines.forEach(Console.output)
    }

    private func summary(_ context: ProjectContext, _ begin: Date) async throws -> JSONValue {
        let path = "/api/stats/summary?since=\(since.milliseconds(from: Date()))"
        let name = try agent.map { try context.agentName($0) }
        return try await context.ask(path + (agent.map { "&agent=\($0.percentEncoded)" } ?? "")) {
            try await $0.summary(of: name, since: begin)
        }
    }

    private func runs(of agent: String, _ context: ProjectContext, _ begin: Date) async throws -> JSONValue {
        let path =
            "/api/stats/agents/\(agent.percentEncoded)/runs?limit=\(count)&since=\(since.milliseconds(from: Date()))"
        let name = try context.agentName(agent)
        return try await context.ask(path) {
            try await $0.runs(of: name, state: nil, since: begin, page: 1, limit: count)
        }
    }
}

/// The text form of `al stats`.
struct StatsReport {
    let document: JSONValue
    let showsCalls: Bool
    /// Cells of the terminal; `nil` = no limit.
    let width: Int?

    var lines: [String] {
        if showsCalls { return calls }
        let rows = document["rows"]?.arrayValue ?? []
        guard !rows.isEmpty else { return ["No runs in this time."] }
        return summary(rows) + runs
    }

    private func summary(_ rows: [JSONValue]) -> [String] {
        var table = TextTable(
            ["DAY", "AGENT", "RUNS", "SUCCESS", "MEDIAN", "P95", "TOKENS", "COST"],
            minimumWidths: [11, 16]
        )
        for row in rows {
            let ended = (row["succeeded"]?.intValue ?? 0) + (row["failed"]?.intValue ?? 0)
            let share = ended == 0 ? "—" : "\((row["succeeded"]?.intValue ?? 0) * 100 / ended)%"
            table.add([
                row["day"]?.stringValue ?? "", row["agent"]?.stringValue ?? "", Figure.count(row["runs"]), share,
                Figure.duration(milliseconds: row["medianMs"]), Figure.duration(milliseconds: row["p95Ms"]),
                Figure.count(row["totalTokens"]), Figure.cost(row["cost"]),
            ])
        }
        return table.lines(fitting: width)
    }

    private var runs: [String] {
        guard let runs = document["runs"]?.arrayValue, !runs.isEmpty else { return [] }
        var table = TextTable(
            ["RUN", "TRIGGER", "STARTED", "DURATION", "RESULT", "TOKENS", "COST"],
            minimumWidths: [24, 16, 20]
        )
        for run in runs {
            table.add([
                run["instanceId"]?.stringValue ?? "", RunText.trigger(of: run), LocalTime.of(run["startedAt"]) ?? "—",
                Figure.duration(milliseconds: run["durationMs"]), RunText.result(of: run),
                Figure.count(run["usage"]?["totalTokens"]), Figure.cost(run["usage"]?["cost"]),
            ])
        }
        return [""] + table.lines(fitting: width)
    }

    private var calls: [String] {
        let edges = document["calls"]?.arrayValue ?? []
        guard !edges.isEmpty else { return ["No calls in this time."] }
        var table = TextTable(["CALLER", "TARGET", "CALLS", "FAILED"], minimumWidths: [16, 16])
        for edge in edges {
            table.add([
                edge["caller"]?.stringValue ?? "", edge["target"]?.stringValue ?? "", Figure.count(edge["count"]),
                Figure.count(edge["failed"]),
            ])
        }
        return table.lines(fitting: width)
    }
}

/// Parts of a run of the API as tables show them.
enum RunText {
    /// `webhook (issues)`, `call (dev)`, `schedule`, `manual`.
    static func trigger(of run: JSONValue) -> String {
        let facts = run["trigger"] ?? [:]
        let detail = facts["event"]?.stringValue ?? facts["caller"]?.stringValue
        return (facts["type"]?.stringValue ?? "") + (detail.map { " (\($0))" } ?? "")
    }

    /// `succeeded`, `failed (11)`, `succeeded, rerun requested`.
    static func result(of run: JSONValue) -> String {
        let state = run["state"]?.stringValue ?? ""
        if run["result"]?.stringValue == "rerun" { return "\(state), rerun requested" }
        guard state == "failed", let code = run["exitCode"]?.intValue else { return state }
        return "\(state) (\(code))"
    }
}
