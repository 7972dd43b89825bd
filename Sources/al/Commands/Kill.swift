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
        // Asked beside the order, which waits for nothing: what waits may have started when the kill is answered.
        async let waitingBefore = json ? 0 : itemsToStart(client)
        let name = target.percentEncoded
        let answer: JSONValue
        do {
            answer = try await client.order("/control/agents/\(name)/kill")
        } catch let error as GatewayClientError where error.code == .notFound {
            answer = try await client.order("/control/kill/\(name)")
        }
        Console.output(answer: answer, asJSON: json)
        guard !json else { return }
        let waiting = await waitingBefore
        if waiting > 0 {
            let items = waiting == 1 ? "1 waiting item is" : "\(waiting) waiting items are"
            Console.output("\(items) next; al pause \(agentName) keeps what still waits.")
        }
        await showNextRun(client)
    }

    /// The agent that is meant, of itself or of its run.
    private var agentName: String { InstanceID(target)?.agent.rawValue ?? target }

    private func agent(in status: JSONValue) -> JSONValue? {
        status["agents"]?.arrayValue?.first {
            $0["name"]?.stringValue == target || $0["name"]?.stringValue == agentName
        }
    }

    /// How many items of the agent wait for nothing but a free runner.
    private func itemsToStart(_ client: GatewayClient) async -> Int {
        guard let status = try? await client.get("/control/status"), status["scheduler"]?["paused"]?.boolValue != true,
            let agent = agent(in: status), agent["enabled"]?.boolValue != false
        else { return 0 }
        return agent["queuedWebhooks"]?.intValue ?? 0
    }

    /// Killing does not pause: whoever kills a run wants to know when the next one comes.
    private func showNextRun(_ client: GatewayClient) async {
        // The order was carried out; without a status there is just nothing to add.
        guard let status = try? await client.get("/control/status"), let agent = agent(in: status),
            let name = agent["name"]?.stringValue,
            let next = LocalTime.of(agent["nextRunAt"])
        else { return }
        Console.output("The schedule of \(name) starts it again at \(next); al pause \(name) prevents that.")
    }
}
