import ArgumentParser
import Domain

/// `al resume`: undoes `al pause`.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Resume the scheduler, or one agent.",
        discussion: "Example:\n  al resume\n  al resume dev"
    )

    @Argument(help: "An agent; without one the whole scheduler.")
    var agent: String?

    @Flag(name: .long, help: "The answer as JSON.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let client = try ProjectContext(options).gatewayClient()
        let path = agent.map { "/control/agents/\(percentEncoded($0))/resume" } ?? "/control/resume"
        Console.output(answer: try await client.order(path), asJSON: json)
    }
}
