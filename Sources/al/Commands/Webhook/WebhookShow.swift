import ArgumentParser
import Domain
import Foundation
import OrderedCollections
import Terminal

/// `al webhook show`: one delivery.
struct WebhookShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a delivery: headers, context, what every trigger said, the runs.",
        discussion: """
            Example:
              al webhook show 1b4e28ba-2fa1-11d2-883f-0016d3cca427
              al webhook show 1b4e28ba-2fa1-11d2-883f-0016d3cca427 --body > payload.json
            """
    )

    @Argument(help: "The receipt id.", transform: GivenText.notEmpty)
    var receipt: String

    @Flag(name: .long, help: "The raw body on standard output, and nothing else.")
    var body = false

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reader = ReceiptReader(try ProjectContext(options))
        guard !body else { return Console.output(bytes: try await reader.body(receipt)) }
        let answer = try await reader.receipt(receipt)
        guard !json else { return Console.output(json: answer) }
        guard let delivery = answer["delivery"] else { return }
        var lines = ["Delivery \(delivery["receiptId"]?.stringValue ?? receipt)"]
        for (label, value) in Self.facts(of: delivery) {
            if let value { lines.append("  \(label): \(value)") }
        }
        lines.append("\nHeaders:")
        for (name, value) in delivery["headers"]?.objectValue ?? [:] {
            lines.append("  \(name): \(value.stringValue ?? "")")
        }
        lines.append("\nContext:\n" + (delivery["context"]?.prettyText ?? "  none: nothing an agent could use"))
        let verdicts = delivery["verdicts"]?.arrayValue ?? []
        lines.append("\nVerdicts:")
        lines += verdicts.isEmpty ? ["  " + ReceiptText.silence(on: delivery)] : ReceiptText.lines(of: verdicts)
        Console.output(lines.joined(separator: "\n"))
    }

    private static func facts(of delivery: JSONValue) -> KeyValuePairs<String, String?> {
        [
            "Received": ReceiptText.time(delivery["receivedAt"]),
            "Source": delivery["source"]?.stringValue.map { "\($0) (\(delivery["type"]?.stringValue ?? ""))" }
                ?? delivery["type"]?.stringValue,
            "Event": delivery["summary"]?.stringValue,
            "Status": delivery["status"]?.stringValue,
            "Reason": delivery["reason"]?.stringValue,
            "Provider's id": delivery["deliveryId"]?.stringValue,
            "Repeats": delivery["first"]?.stringValue,
            "Repeated": delivery["duplicates"]?.intValue.map { "\($0) times" },
            "Replay of": delivery["replayOf"]?.stringValue,
            "Replayed by": delivery["replayedBy"]?.stringValue,
            "Body": delivery["bodyBytes"]?.intValue.map { "\($0) bytes" },
        ]
    }
}
