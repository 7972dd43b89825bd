import ArgumentParser
import Domain

/// What `al pause` and `al resume` take, and the order they give.
struct PauseOrder: ParsableArguments {
    @Argument(help: "An agent; without one the whole scheduler.", transform: GivenText.notEmpty)
    var agent: String?

    @Flag(name: .long, help: "The answer as JSON.")
    var json = false

    @OptionGroup var options: ProjectOptions

    /// Orders the scheduler to `pause` or `resume`.
    func send(_ verb: String) async throws {
        let client = try ProjectContext(options).gatewayClient()
        let path = agent.map { "/control/agents/\($0.percentEncoded)/\(verb)" } ?? "/control/\(verb)"
        Console.output(answer: try await client.order(path), asJSON: json)
    }
}
