import ArgumentParser
import Domain
import Foundation

/// `al webhook replay`: stored deliveries again.
struct WebhookReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Repeat stored deliveries as new ones, with today's agents and filters.",
        discussion: """
            A replay is never a duplicate: it starts what matches, also what went well before.

            Example:
              al webhook replay 1b4e28ba-2fa1-11d2-883f-0016d3cca427 --agent dev --dry-run
              al webhook replay 1b4e28ba-2fa1-11d2-883f-0016d3cca427
            """
    )

    @Argument(help: "Receipt ids.", transform: GivenText.notEmpty)
    var receipts: [String]

    @Option(name: .long, help: "Only for this agent.")
    var agent: String?

    @Flag(name: .long, help: "Only say which triggers would match.")
    var dryRun = false

    @Flag(name: .long, help: "One JSON document per delivery.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        if let agent { try context.requireAgent(agent) }
        let client = try context.gatewayClient()
        let order = JSONValue.object([
            "agent": agent.map(JSONValue.string), "dryRun": dryRun ? .some(true) : .none,
        ])
        var hasFailed = false
        for receipt in receipts {
            do {
                let answer = try await client.order("/api/webhooks/\(receipt.percentEncoded)/replay", body: order)
                if json { Console.output(json: answer) } else { Console.output(text(of: answer, receipt)) }
            } catch let error as GatewayClientError where [.refused, .notFound].contains(error.code) {
                // It concerns this delivery only.
                hasFailed = true
                guard let failure = Failure(error) else { throw error }
                if json {
                    Console.output(json: ["receiptId": .string(receipt), "error": failure.json["error"] ?? .null])
                } else {
                    Console.error("Error: \(receipt): \(failure.message)")
                }
            }
        }
        if hasFailed { throw Failure.silent(1) }
    }

    private func text(of answer: JSONValue, _ receipt: String) -> String {
        guard !dryRun else {
            let verdicts = answer["verdicts"]?.arrayValue ?? []
            return verdicts.isEmpty
                ? "\(receipt): no agent would hear it." : ReceiptText.lines(of: verdicts).joined(separator: "\n")
        }
        let matched = answer["matched"]?.intValue ?? 0
        let id = answer["replayReceiptId"]?.stringValue ?? ""
        return "\(receipt) replayed as \(id): \(matched) started, \(answer["skipped"]?.intValue ?? 0) skipped"
    }
}
