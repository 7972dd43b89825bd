import Domain
import Foundation
import Gateway
import Terminal
import Webhooks

/// Plays the world around the demo: sends the webhook, gives the order by hand, prints what the agents do.
struct DemoDirector {
    let project: DemoProject
    let root: SchedulerRoot
    /// The demo ends after the table.
    let isLast: Bool

    private static let agents = ["housekeeper", "triager", "reporter", "statistician"]
    /// Long enough for the first image build on a slow machine.
    private static let patience: TimeInterval = 600

    /// Runs the demo to its table.
    ///
    /// - Returns: whether every run succeeded.
    func perform() async throws -> Bool {
        let port = try await root.servingPort()
        let client = GatewayClient(baseURL: "http://127.0.0.1:\(port)", key: try root.apiKey())
        let printer = LogPrinter.conversation()
        try await waitUntilReady(client)
        var tails = try await tails()
        let demo = try await DemoRuns(of: Self.agents, client)
        Console.output("Dashboard: http://127.0.0.1:\(port)/dashboard   key: \(try root.apiKey())\n")
        try await sendWebhook(port: port)
        _ = try await client.order("/control/trigger/reporter")
        Console.output("→ reporter started by hand; it will call the statistician")
        Console.output("→ housekeeper is due by its schedule within twenty seconds\n")

        let start = Date()
        while true {
            await printNew(of: demo, from: &tails, with: printer)
            let runs = try await demo.ended()
            if Set(runs.map(\.agent)).isSuperset(of: Self.agents) || runs.contains(where: { !$0.succeeded }) {
                await printNew(of: demo, from: &tails, with: printer)
                return report(runs, port: port)
            }
            guard Date().timeIntervalSince(start) < Self.patience else {
                throw Failure(
                    "Error: the demo's agents did not end within \(Int(Self.patience)) s. See: al logs -p \(project.directory)"
                )
            }
            try await ContinuousClock().sleep(for: .milliseconds(100))
        }
    }

    private func waitUntilReady(_ client: GatewayClient) async throws {
        var shown = ""
        while true {
            let status = try await client.get("/control/status")
            if status["scheduler"]?["initializing"]?.boolValue != true { return }
            let text = status["agents"]?.arrayValue?.compactMap { $0["statusText"]?.stringValue }.first ?? ""
            if !text.isEmpty, text != shown { Console.error("  \(text)") }
            shown = text
            try await ContinuousClock().sleep(for: .milliseconds(100))
        }
    }

    /// Sends what GitHub would send for a new issue, signed with the source's secret.
    private func sendWebhook(port: Int) async throws {
        let body = """
            {"action":"opened","issue":{"number":42,"title":"App crashes on start","body":"Since 2.1 the app crashes on start.",\
            "html_url":"https://github.com/acme/app/issues/42","user":{"login":"mona"},"assignee":null,"labels":[]},\
            "repository":{"full_name":"acme/app"},"sender":{"login":"mona"}}
            """
        let delivery = ImitatedDelivery(
            event: ImitatedEvent("issues.opened"),
            body: Array(body.utf8),
            secret: try project.webhookSecret(),
            id: UUID().uuidString.lowercased(),
            sentAt: Date()
        )
        let answer = try await SenderClient.post(
            "http://127.0.0.1:\(port)/webhooks/github",
            headers: GitHubProvider().headers(imitating: delivery) ?? [],
            body: delivery.body
        )
        Console.output("→ signed GitHub webhook “issues opened” sent: \(answer.status) \(answer.body)")
        guard answer.status == 200 else { throw Failure("Error: the gateway refused the demo's webhook.") }
    }

    /// From where the logs end now: what stands there was said in an earlier demo.
    private func tails() async throws -> [LogFollower] {
        let files = LogSource.files(LogReader(directory: project.directory + "/.al/logs"))
        var tails: [LogFollower] = []
        for agent in Self.agents {
            let query = LogQuery(name: agent)
            let end = try await files.tail(query, count: 1).cursor ?? LogCursor(startOf: nil)
            tails.append(LogFollower(source: files, query: query, from: end))
        }
        return tails
    }

    private func printNew(of demo: DemoRuns, from tails: inout [LogFollower], with printer: LogPrinter) async {
        for index in tails.indices {
            // A file that cannot be read now will be readable at the next look.
            for entry in (try? await tails[index].next()) ?? [] where demo.includes(entry) { printer.print(entry) }
        }
    }

    private func report(_ runs: [DemoRun], port: Int) -> Bool {
        let style = Style(descriptor: 1, environment: ProcessInfo.processInfo.environment)
        var table = TextTable(["RUN", "TRIGGER", "OUTCOME", "DURATION", "TOKENS"], minimumWidths: [24, 24, 12, 10])
        for run in runs.reversed() {
            let outcome = run.succeeded ? style.green(run.state) : style.red(run.state)
            table.add([run.instance, run.trigger, outcome, run.duration, String(run.tokens)])
        }
        Console.output("")
        for line in table.lines(fitting: Console.width) { Console.outputStyled(line) }
        let failed = runs.count { !$0.succeeded }
        Console.output(
            failed == 0 ? "\nAll \(runs.count) runs succeeded." : "\n\(failed) of \(runs.count) runs failed."
        )
        if !isLast {
            Console.output(
                "Dashboard: http://127.0.0.1:\(port)/dashboard — the housekeeper goes on; Ctrl+C ends the demo."
            )
        }
        return failed == 0
    }
}
