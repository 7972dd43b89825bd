import ArgumentParser
import Domain

/// `al pause`: stops the clock of an agent or of the scheduler.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pause the scheduler, or one agent.",
        discussion: "Example:\n  al pause\n  al pause dev"
    )

    @Argument(help: "An agent; without one the whole scheduler.")
    var agent: String?

    @Flag(name: .long, help: "The answer as JSON.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let client = try ProjectContext(options).gatewayClient()
        let path = agent.map { "/control/agents/\(percentEncoded($0))/pause" } ?? "/control/pause"
        Console.output(answer: try await client.order(path), asJSON: json)
    }
}
