import ArgumentParser
import Domain
import Foundation

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

    @Flag(name: .long, help: "The answer as JSON; do not follow.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        if let grace, grace < 0 { throw ValidationError("--grace must be a number of seconds.") }
    }

    func run() async throws {
        let client = try ProjectContext(options).gatewayClient()
        let answer = try await client.order(
            "/control/stop",
            body: .object(["now": now ? true : nil, "grace": grace.map(JSONValue.int), "clear": clear ? true : nil])
        )
        Console.output(answer: answer, asJSON: json)
        guard !json else { return }
        if clear { Console.output("Dropped \(answer["dropped"]?.intValue ?? 0) waiting item(s).") }
        let interrupted = try await Interruption.ending { try await follow(client) }
        if interrupted { return Console.error("\nThe scheduler goes on stopping.") }
        Console.output("Scheduler stopped")
    }

    /// Says which runs are waited for, whenever that changes, until nobody answers any more.
    private func follow(_ client: GatewayClient) async throws {
        var shown: [String] = []
        while try await client.isUp() {
            // It may be gone between two questions: then the loop ends.
            let status = try? await client.get("/control/status")
            let runs = (status?["instances"]?.arrayValue ?? []).filter { $0["status"]?.stringValue == "running" }
                .compactMap { $0["id"]?.stringValue }
            if runs != shown, !runs.isEmpty {
                Console.error("Waiting for \(runs.joined(separator: ", ")). Ctrl+C stops waiting, not the stopping.")
            }
            shown = runs
            try await ContinuousClock().sleep(for: .milliseconds(200))
        }
    }
}
