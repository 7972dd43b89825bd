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
        // What waits is counted before: it may have started when the kill is answered. An order needs no status to be given.
        let waiting = json ? 0 : (try? await status(client))?["queuedWebhooks"]?.intValue ?? 0
        let name = target.percentEncoded
        let answer: JSONValue
        do {
            answer = try await client.order("/control/agents/\(name)/kill")
        } catch let error as GatewayClientError where error.code == .notFound {
            answer = try await client.order("/control/kill/\(name)")
        }
        Console.output(answer: answer, asJSON: json)
        guard !json else { return }
        if waiting > 0 {
            let items = waiting == 1 ? "1 waiting item starts" : "\(waiting) waiting items start"
            Console.output("\(items) next; al pause \(agentName) keeps what still waits.")
        }
        await showNextRun(client)
    }

    /// The agent that is meant, of itself or of its run.
    private var agentName: String { InstanceID(target)?.agent.rawValue ?? target }

    private func status(_ client: GatewayClient) async throws -> JSONValue? {
        try await client.get("/control/status")["agents"]?.arrayValue?.first {
            $0["name"]?.stringValue == target || $0["name"]?.stringValue == agentName
        }
    }

    /// Killing does not pause: whoever kills a run wants to know when the next one comes.
    private func showNextRun(_ client: GatewayClient) async {
        // The order was carried out; without a status there is just nothing to add.
        guard let agent = try? await status(client), let name = agent["name"]?.stringValue,
            let next = LocalTime.of(agent["nextRunAt"])
        else { return }
        Console.output("The schedule of \(name) starts it again at \(next); al pause \(name) prevents that.")
    }
}
