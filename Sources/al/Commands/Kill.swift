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
        async let waitingBefore = json ? nil : itemsToStart(client)
        let name = target.percentEncoded
        let answer: JSONValue
        do {
            answer = try await client.order("/control/agents/\(name)/kill")
        } catch let error as GatewayClientError where error.code == .notFound {
            answer = try await client.order("/control/kill/\(name)")
        }
        Console.output(answer: answer, asJSON: json)
        guard !json else { return }
        if let sentence = await waitingBefore { Console.output(sentence) }
        await showNextRun(client)
    }

    /// The agent that is meant, of itself or of its run.
    private var agentName: String { InstanceID(target)?.agent.rawValue ?? target }

    private func agent(in status: JSONValue) -> JSONValue? {
        status["agents"]?.arrayValue?.first {
            $0["name"]?.stringValue == target || $0["name"]?.stringValue == agentName
        }
    }

    /// What of the agent's queue waits for nothing but a free runner, and what can be done about it; `nil` = nothing.
    private func itemsToStart(_ client: GatewayClient) async -> String? {
        // Both at once: what waits is started as soon as the kill has freed a runner.
        async let orders = itemsOrderedByHand(client)
        guard let status = try? await client.get("/control/status"), let agent = agent(in: status),
            let waiting = agent["queuedWebhooks"]?.intValue, waiting > 0
        else { return nil }
        let ordered = await orders
        let isPaused = status["scheduler"]?["paused"]?.boolValue == true || agent["enabled"]?.boolValue == false
        // What people order starts also while everything is paused.
        let count = isPaused ? ordered : waiting
        guard count > 0 else { return nil }
        let items = count == 1 ? "1 waiting item is" : "\(count) waiting items are"
        if ordered >= count { return "\(items) next, ordered by hand, which al pause does not keep." }
        let exception = ordered > 0 ? ", but for \(ordered) ordered by hand" : ""
        return "\(items) next; al pause \(agentName) keeps what still waits\(exception)."
    }

    private func itemsOrderedByHand(_ client: GatewayClient) async -> Int {
        let queue = try? await client.get("/api/queue?agent=\(agentName.percentEncoded)")
        return queue?["items"]?.arrayValue?.count { $0["trigger"]?["type"]?.stringValue == "manual" } ?? 0
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
