import ArgumentParser
import Domain
import Foundation
import Gateway
import OrderedCollections

/// `al audit`: whether everything that came in has an end.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Compare slots, deliveries, runs and calls with what became of them.",
        discussion: """
            Exit code 0 means that all accounts balance, 1 that some row has no end.
            Example:
              al audit --since 24h
              al audit --json
            """
    )

    @Option(name: .long, help: ArgumentHelp("How far to look back, such as 24h or 7d.", valueName: "time"))
    var since = Since(days: 7)

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        let begin = since.date(from: Date())
        let document = try await context.ask("/api/audit?since=\(since.milliseconds(from: Date()))") {
            try await $0.audit(since: begin)
        }
        if json {
            Console.output(json: document)
        } else {
            AuditReport(document: document).lines.forEach(Console.output)
        }
        if document["balanced"]?.boolValue != true { throw Failure.silent(1) }
    }
}

/// The text form of `al audit`.
struct AuditReport {
    let document: JSONValue

    var lines: [String] {
        let accounts = [
            line("slots", title: "Slots due"), line("deliveries", title: "Deliveries × agents"),
            line("runs", title: "Runs started"), line("calls", title: "Calls made"),
        ]
        let open = (document["open"]?.arrayValue ?? []).map { row in
            "  \(row["kind"]?.stringValue ?? "") \(row["name"]?.stringValue ?? ""): \(row["problem"]?.stringValue ?? "")"
        }
        let verdict = document["balanced"]?.boolValue == true ? "Balanced." : "NOT balanced:"
        return accounts + [verdict] + open
    }

    /// `Slots due: 4 = 2 fired + 1 skipped (busy 1) + 1 missed`.
    private func line(_ key: String, title: String) -> String {
        var account = document[key]?.objectValue ?? [:]
        let total = account.removeValue(forKey: "total")?.intValue ?? 0
        let ends = account.map { end, value -> String in
            guard let reasons = value.objectValue else { return "\(value.intValue ?? 0) \(end)" }
            let sum = reasons.values.reduce(0) { $0 + ($1.intValue ?? 0) }
            return "\(sum) \(end) (\(reasons.map { "\($0.key) \($0.value.intValue ?? 0)" }.joined(separator: ", ")))"
        }
        return "\(title): \(total) = \(ends.isEmpty ? "0" : ends.joined(separator: " + "))"
    }
}
