import ArgumentParser
import Domain
import Foundation
import Storage
import Terminal

/// `al webhook list`: deliveries, newest first.
struct WebhookList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List deliveries, the newest first, and what they started.",
        discussion: """
            Example:
              al webhook list --source my-github --status unmatched --since 2h
              al webhook list --agent dev
            """,
        aliases: ["ls"]
    )

    @Option(name: .long, help: "Only deliveries that this source heard.")
    var source: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only deliveries with this end: \(ReceiptStatus.allCases.map(\.rawValue).joined(separator: ", "))."
        )
    )
    var status: String?

    @Option(name: .long, help: "Only deliveries that a trigger of this agent matched.")
    var agent: String?

    @Option(name: .long, help: ArgumentHelp("Only deliveries since: 30m, 12h, 7d or an ISO date.", valueName: "time"))
    var since: Since?

    @Option(name: .shortAndLong, help: ArgumentHelp("How many at most, up to 200.", valueName: "n"))
    var number = 20

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard (1...200).contains(number) else { throw ValidationError("--number must be between 1 and 200") }
        guard status == nil || ReceiptStatus(rawValue: status ?? "") != nil else {
            throw ValidationError(
                "--status must be one of \(ReceiptStatus.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
    }

    func run() async throws {
        let context = try ProjectContext(options)
        if let agent { try context.requireAgent(agent) }
        var query = ReceiptQuery(source: source, status: status.flatMap(ReceiptStatus.init), limit: number)
        query.agent = try agent.map { try AgentName($0) }
        query.since = since?.date(from: Date())
        let answer = try await ReceiptReader(context).list(query)
        let deliveries = answer["deliveries"]?.arrayValue ?? []
        // A source that is no longer defined may still have deliveries.
        if deliveries.isEmpty, let source { _ = try context.load().webhookSource(source) }
        guard !json else { return Console.output(json: answer) }
        guard !deliveries.isEmpty else { return Console.output("No deliveries.") }
        var table = TextTable(["RECEIVED", "RECEIPT", "SOURCE", "EVENT", "STATUS", "RUNS"])
        for delivery in deliveries { table.add(Self.cells(of: delivery)) }
        table.lines(fitting: Console.width).forEach(Console.output)
    }

    private static func cells(of delivery: JSONValue) -> [String] {
        [
            ReceiptText.time(delivery["receivedAt"]), delivery["receiptId"]?.stringValue ?? "",
            delivery["source"]?.stringValue ?? delivery["type"]?.stringValue ?? "",
            delivery["summary"]?.stringValue ?? "-", delivery["status"]?.stringValue ?? "",
            ReceiptText.work(of: delivery),
        ]
    }
}
