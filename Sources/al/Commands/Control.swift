import ArgumentParser
import Domain
import Foundation

/// `al run`: starts an agent once.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start an agent once, now.",
        discussion: """
            Example:
              al run dev
              al run dev "Look at issue 12 first" --wait
              al run --replay dev-a1b2c3d4
            """
    )

    @Argument(help: "The agent's name.")
    var agent: String?

    @Argument(help: "A task for this run; without one the agent looks for work itself.")
    var task: String?

    @OptionGroup var replay: ReplayOptions

    @Flag(name: .long, help: "Follow the run to its end and exit with its code.")
    var wait = false

    @Flag(name: .long, help: "With --replay: the result as JSON.")
    var json = false

    @Flag(name: [.customShort("H"), .long], help: "Accepted for older scripts; does nothing.")
    var headless = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard (agent == nil) != (replay.instance == nil) else {
            throw ValidationError("Name an agent, or a recorded run with --replay.")
        }
    }

    func run() async throws {
        let context = try ProjectContext(options)
        guard let agent else { return try await replay.run(in: context, json: json) }
        try context.requireAgent(agent)
        let client = try context.gatewayClient()
        let body: JSONValue? = task.map { ["prompt": .string($0)] }
        let answer = try await client.order("/control/trigger/\(agent)", body: body)
        Console.output(answer["message"]?.stringValue ?? "Agent \(agent) triggered")
        guard let instance = answer["instanceId"]?.stringValue else { return }
        guard wait else {
            Console.output("Run \(instance). Follow it with: al logs \(agent) -f")
            return
        }
        try await follow(instance, of: agent, client, context)
    }

    private func follow(
        _ instance: String,
        of agent: String,
        _ client: GatewayClient,
        _ context: ProjectContext
    ) async throws {
        var tail = LogTail(directory: context.logDirectory, name: agent)
        let view = LogPrinter.conversation()
        while true {
            for entry in try tail.readNew() where entry["instance"]?.stringValue == instance { view.print(entry) }
            let run = try await client.get("/api/runs/\(instance)")["run"]
            if let code = run?["exitCode"]?.intValue, run?["endedAt"] != nil {
                for entry in try tail.readNew() where entry["instance"]?.stringValue == instance { view.print(entry) }
                if code != 0, code != RunExitCode.rerun { throw Failure.silent(Int32(truncatingIfNeeded: code)) }
                return
            }
            if run?["endedAt"] != nil { throw Failure("Error: \(instance) ended without an exit code.") }
            try await ContinuousClock().sleep(for: .milliseconds(300))
        }
    }
}

/// `al pause`: stops the clock of an agent or of the scheduler.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pause the scheduler, or one agent.",
        discussion: "Example:\n  al pause\n  al pause dev"
    )

    @Argument(help: "An agent; without one the whole scheduler.")
    var agent: String?

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let client = try ProjectContext(options).gatewayClient()
        let path = agent.map { "/control/agents/\(percentEncoded($0))/pause" } ?? "/control/pause"
        Console.output(try await client.order(path)["message"]?.stringValue ?? "Paused")
    }
}

/// `al resume`: undoes `al pause`.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Resume the scheduler, or one agent.",
        discussion: "Example:\n  al resume\n  al resume dev"
    )

    @Argument(help: "An agent; without one the whole scheduler.")
    var agent: String?

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let client = try ProjectContext(options).gatewayClient()
        let path = agent.map { "/control/agents/\(percentEncoded($0))/resume" } ?? "/control/resume"
        Console.output(try await client.order(path)["message"]?.stringValue ?? "Resumed")
    }
}

/// `al kill`: ends runs at once.
struct Kill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Kill all runs of an agent, or one run.",
        discussion: "Example:\n  al kill dev\n  al kill dev-a1b2c3d4"
    )

    @Argument(help: "An agent's name or an instance id.")
    var target: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let client = try ProjectContext(options).gatewayClient()
        let name = percentEncoded(target)
        let answer: JSONValue
        do {
            answer = try await client.order("/control/agents/\(name)/kill")
        } catch let error as GatewayClientError where error.code == .notFound {
            answer = try await client.order("/control/kill/\(name)")
        }
        Console.output(answer["message"]?.stringValue ?? "Killed")
    }
}

/// `al stop`: ends the scheduler; what waits is kept for the next start.
struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop the scheduler after its running agents have ended.",
        discussion: """
            What waits in the queues is kept for the next start, unless --clear says otherwise.
            Example:
              al stop
              al stop --grace 60
            """
    )

    @Flag(name: .long, help: "End running agents at once.")
    var now = false

    @Option(name: .long, help: ArgumentHelp("Wait at most so long, then as --now.", valueName: "seconds"))
    var grace: Int?

    @Flag(name: .long, help: "Drop what waits in the queues.")
    var clear = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let client = try ProjectContext(options).gatewayClient()
        let answer = try await client.order(
            "/control/stop",
            body: .object(["now": now ? true : nil, "grace": grace.map(JSONValue.int), "clear": clear ? true : nil])
        )
        Console.output(answer["message"]?.stringValue ?? "Scheduler stopping")
        if let running = answer["running"]?.intValue, running > 0 {
            Console.error("Waiting for \(running) run(s) to end. Ctrl+C stops waiting, not the stopping.")
        }
        while await client.isAlive() { try await ContinuousClock().sleep(for: .milliseconds(200)) }
        Console.output("Scheduler stopped")
    }
}

/// Escapes a name for one path segment of a URL.
func percentEncoded(_ name: String) -> String {
    name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? name
}
