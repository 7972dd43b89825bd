import ArgumentParser
import Domain
import Foundation
import Gateway

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

    @Flag(name: .long, help: "The answer as JSON; with --wait the run when it has ended, with --replay the result.")
    var json = false

    @Flag(name: [.customShort("H"), .long], help: "Accepted for older scripts; does nothing.")
    var headless = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard (agent == nil) != (replay.instance == nil) else {
            let remedy =
                agent.map { "A recorded run knows its agent: leave \($0) out." }
                ?? "Name an agent, or a recorded run with --replay."
            throw ValidationError(remedy)
        }
        if replay.instance == nil, replay.tools != nil { throw ValidationError("--tools belongs to --replay.") }
    }

    func run() async throws {
        let context = try ProjectContext(options)
        guard let agent else { return try await replay.run(in: context, json: json) }
        try context.requireAgent(agent)
        let client = try context.gatewayClient()
        let answer = try await client.order(
            "/control/trigger/\(agent.percentEncoded)",
            body: task.map { ["prompt": .string($0)] }
        )
        if !json { Console.output(answer["message"]?.stringValue ?? "Agent \(agent) triggered") }
        guard wait else {
            if json { return Console.output(jsonLine: answer) }
            guard let instance = answer["instanceId"]?.stringValue else { return }
            return Console.output("Run \(instance). Follow it with: al logs \(agent) -f")
        }
        let follower = RunFollower(
            context: context,
            client: client,
            source: try await context.logSource(),
            agent: agent,
            isQuiet: json
        )
        let run = try await follower.follow(answer)
        if json { Console.output(jsonLine: run) }
        try Self.end(as: run)
    }

    /// Ends the command with the code of a run.
    private static func end(as run: JSONValue) throws {
        let instance = run["instanceId"]?.stringValue ?? "The run"
        guard let code = run["exitCode"]?.intValue else {
            throw Failure("Error: \(instance) ended without an exit code: \(run["reason"]?.stringValue ?? "lost").")
        }
        if run["state"]?.stringValue != "succeeded" {
            throw Failure.silent(code == 0 ? 1 : Int32(truncatingIfNeeded: code))
        }
    }
}
