import ArgumentParser
import Domain
import Terminal

/// `al kill`: ends runs at once.
struct Kill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Kill all runs of an agent, or one run.",
        discussion: "Example:\n  al kill dev\n  al kill dev-a1b2c3d4"
    )

    @Argument(help: "An agent's name or an instance id.", transform: GivenText.notEmpty)
    var target: String

    @Flag(name: .long, help: "The answer as JSON.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let client = try ProjectContext(options).gatewayClient()
        let name = target.percentEncoded
        let answer: JSONValue
        do {
            answer = try await client.order("/control/agents/\(name)/kill")
        } catch let error as GatewayClientError where error.code == .notFound {
            answer = try await client.order("/control/kill/\(name)")
        }
        Console.output(answer: answer, asJSON: json)
        if !json { await showNextRun(client) }
    }

    /// Killing does not pause: whoever kills a run wants to know when the next one comes.
    private func showNextRun(_ client: GatewayClient) async {
        // The order was carried out; without a status there is just nothing to add.
        guard let agents = try? await client.get("/control/status")["agents"]?.arrayValue else { return }
        let agent = agents.first { agent in
            guard let name = agent["name"]?.stringValue else { return false }
            return target == name || InstanceID(target)?.agent.rawValue == name
        }
        guard let agent, let name = agent["name"]?.stringValue, let next = LocalTime.of(agent["nextRunAt"]) else {
            return
        }
        Console.output("The schedule of \(name) starts it again at \(next); al pause \(name) prevents that.")
    }
}
