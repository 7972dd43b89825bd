import ArgumentParser
import Domain
import Foundation
import OrderedCollections
import Project
import Terminal

/// `al stat`: what the scheduler and its agents are doing.
struct Stat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the scheduler, its agents, running instances and locks.",
        discussion: "Example:\n  al stat\n  al stat --json",
        aliases: ["status"]
    )

    @Argument(help: "Only this agent.")
    var agent: String?

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        if let agent { try context.requireAgent(agent) }
        let client = try context.gatewayClient()
        let status: JSONValue
        var locks: JSONValue = ["locks": []]
        do {
            status = try await client.get("/control/status")
            locks = try await client.get("/locks/status")
        } catch let error as GatewayClientError where error.code == .unreachable {
            return try showFiles(context)
        }
        if json {
            var document = status
            document["locks"] = locks["locks"]
            return Console.output(document.prettyText)
        }
        StatReport(status: status, locks: locks, project: context.directory, gateway: client.baseURL, agent: agent)
            .print()
        for source in try context.unsignedSources(of: context.load()) { Console.error("Warning: \(source)") }
    }

    /// Without a scheduler only the project's files can say something.
    private func showFiles(_ context: ProjectContext) throws {
        let project = try context.load()
        if json {
            let names = project.agents.map { JSONValue.string($0.name.rawValue) }
            return Console.output(JSONValue.object(["scheduler": nil, "agents": .array(names)]).prettyText)
        }
        Console.output(
            "AL Status — \(context.directory)\n\nScheduler:\n  Status: Not running (start it with: al start)\n\nAgents:"
        )
        var table = TextTable(["AGENT", "TRIGGER"], minimumWidths: [16])
        for agent in project.agents { table.add([agent.name.rawValue, agent.triggerLabel]) }
        Console.output(table.isEmpty ? "No agents." : table.lines.joined(separator: "\n"))
    }
}

/// The text form of `al stat`.
struct StatReport {
    let status: JSONValue
    let locks: JSONValue
    let project: String
    let gateway: String
    let agent: String?

    /// Writes the report to standard output.
    func print() {
        let scheduler = status["scheduler"] ?? [:]
        let state =
            scheduler["stopping"]?.boolValue == true
            ? "Stopping" : scheduler["paused"]?.boolValue == true ? "PAUSED" : "Running"
        Console.output("AL Status — \(project)\n\nScheduler:\n  Status: \(state)")
        Console.output("  Mode: \(scheduler["mode"]?.stringValue ?? "unknown")\n  Gateway: \(gateway)\n\nAgents:")
        Console.output(agentTable.lines.joined(separator: "\n"))
        let instances = instanceTable
        Console.output(instances.isEmpty ? "\nNo running instances." : "\nRunning Instances:")
        if !instances.isEmpty { Console.output(instances.lines.joined(separator: "\n")) }
        printLocks()
    }

    private var agentTable: TextTable {
        var table = TextTable(
            ["AGENT", "STATUS", "INSTANCES", "QUEUED", "LAST RUN", "NEXT RUN"],
            minimumWidths: [16, 12, 12, 8, 20]
        )
        for agent in wanted(status["agents"], key: "name") {
            let running = agent["runningCount"]?.intValue ?? 0
            let state = agent["state"]?.stringValue ?? "idle"
            let label =
                agent["enabled"]?.boolValue == false
                ? "Disabled" : status["scheduler"]?["paused"]?.boolValue == true ? "PAUSED" : state.capitalized
            table.add([
                agent["name"]?.stringValue ?? "", label, running > 0 ? "\(running) running" : "0",
                String(agent["queuedWebhooks"]?.intValue ?? 0), localTime(agent["lastRunAt"]),
                localTime(agent["nextRunAt"]),
            ])
        }
        return table
    }

    private var instanceTable: TextTable {
        var table = TextTable(
            ["AGENT", "INSTANCE ID", "STATUS", "TRIGGER", "STARTED"],
            minimumWidths: [16, 24, 12, 20]
        )
        for instance in wanted(status["instances"], key: "agentName") where instance["status"]?.stringValue == "running"
        {
            table.add([
                instance["agentName"]?.stringValue ?? "", instance["id"]?.stringValue ?? "", "running",
                instance["trigger"]?.stringValue ?? "", localTime(instance["startedAt"]),
            ])
        }
        return table
    }

    private func printLocks() {
        let held = locks["locks"]?.arrayValue ?? []
        guard !held.isEmpty else { return }
        Console.output("\nActive locks:")
        for lock in held {
            let since = Date(timeIntervalSince1970: (lock["heldSince"]?.doubleValue ?? 0) / 1000)
            let age = LocalTime.duration(seconds: Int(Date().timeIntervalSince(since)))
            Console.output(
                "  \(lock["agentName"]?.stringValue ?? ""): \(lock["resourceKey"]?.stringValue ?? "") (held for \(age))"
            )
        }
    }

    private func wanted(_ list: JSONValue?, key: String) -> [JSONValue] {
        (list?.arrayValue ?? []).filter { agent == nil || $0[key]?.stringValue == agent }
    }

    private func localTime(_ value: JSONValue?) -> String {
        guard let text = value?.stringValue, let date = try? Date(text, strategy: .iso8601FractionalOrWhole) else {
            return "—"
        }
        return LocalTime.dateAndClock(date)
    }
}
