import ArgumentParser
import Credentials
import Domain
import Foundation
import Gateway
import Project
import Storage

/// `al stat`: what the scheduler and its agents are doing.
struct Stat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the scheduler, its agents, running instances and locks.",
        discussion: "Example:\n  al stat\n  al stat dev --history -n 50\n  al stat --json",
        aliases: ["status"]
    )

    @Argument(help: "Only this agent, with its configuration.")
    var agent: String?

    @Flag(name: .long, help: "The ends of its slots and its runs, newest first.")
    var history = false

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Entries of the history.", valueName: "count"))
    var count = 20

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard (1...200).contains(count) else { throw ValidationError("--count must be a number from 1 to 200.") }
    }

    func run() async throws {
        let context = try ProjectContext(options)
        if let agent { try context.requireAgent(agent) }
        if history { return try await showHistory(context) }
        let project = try context.load()
        let (document, gateway) = try await context.ask { client in
            var document = try await client.get("/control/status")
            document["locks"] = try await client.get("/locks/status")["locks"]
            return (document, client.baseURL)
        } offline: { error in
            (try await offline(project, context), error.baseURL)
        }
        if json { return Console.output(json: document) }
        let report = StatReport(
            document: document,
            agents: project.agents,
            project: context.directory,
            gateway: gateway,
            now: Date(),
            width: Console.width
        )
        let lines =
            if let agent {
                try await self.report(on: agent, project, context).lines(in: document) + report.instances(of: agent)
            } else {
                report.lines
            }
        lines.forEach(Console.output)
        for source in try context.unsignedSources(of: project) { Console.error("Warning: \(source)") }
    }

    private func report(
        on name: String,
        _ project: LoadedProject,
        _ context: ProjectContext
    ) async throws -> AgentReport {
        let agent = project.agents.first { $0.name.rawValue == name }
        let resolved = try agent.map { try credentials(of: $0, context) }
        let lastRun = try await lastEnded(name, context)
        return AgentReport(name: name, agent: agent, credentials: resolved ?? [], lastRun: lastRun)
    }

    /// The run of an agent that ended last.
    private func lastEnded(_ name: String, _ context: ProjectContext) async throws -> JSONValue? {
        // A directory may have a name under which nothing can ever have run.
        guard let agent = try? AgentName(name) else { return nil }
        let path = "/api/stats/agents/\(name.percentEncoded)/runs?limit=50"
        let runs = try await context.ask(path, before: [:]) {
            try await $0.runs(of: agent, state: nil, since: nil, page: 1, limit: 50)
        }
        let ended = (runs["runs"]?.arrayValue ?? []).filter { $0["endedAt"]?.stringValue != nil }
        return ended.max { ($0["endedAt"]?.stringValue ?? "") < ($1["endedAt"]?.stringValue ?? "") }
    }

    /// Without a scheduler only the project's files can say something.
    private func offline(_ project: LoadedProject, _ context: ProjectContext) async throws -> JSONValue {
        var document = try await context.recordedStatus()
        var problems: JSONValue = [:]
        for name in project.agentDirectories {
            let obstacles = project.obstacles(to: name)
            // What is wrong with a file of the project is said once.
            guard obstacles != project.projectErrors else { continue }
            problems[name] = LoadedProject.text(of: obstacles).map(JSONValue.string)
        }
        document["reloadProblems"] = problems
        if !project.projectErrors.isEmpty {
            document["projectProblems"] = .array(project.projectErrors.map { .string("\($0)") })
        }
        return document
    }

    /// Each reference with the instance it means for the agent.
    private func credentials(of agent: AgentConfig, _ context: ProjectContext) throws -> [String] {
        try agent.credentials.map { "\($0.type):\(try context.store.resolve($0, for: agent.name))" }
    }

    private func showHistory(_ context: ProjectContext) async throws {
        let name = try agent.map { try context.agentName($0) }
        let query = agent.map { "&agent=\($0.percentEncoded)" } ?? ""
        let slots = try await context.ask("/api/slots?limit=\(count)\(query)", before: [:]) {
            try await $0.slots(SlotQuery(agent: name, limit: count))
        }
        let path = agent.map { "/api/stats/agents/\($0.percentEncoded)/runs" } ?? "/api/runs"
        let runs = try await context.ask("\(path)?limit=\(count)", before: [:]) {
            try await $0.runs(of: name, state: nil, since: nil, page: 1, limit: count)
        }
        let report = HistoryReport(
            slots: slots["slots"]?.arrayValue ?? [],
            runs: runs["runs"]?.arrayValue ?? [],
            count: count,
            width: Console.width
        )
        if json { return Console.output(json: report.document) }
        report.lines.forEach(Console.output)
    }
}
