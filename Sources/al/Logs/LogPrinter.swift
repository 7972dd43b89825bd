import Domain
import Foundation
import Terminal

/// Prints log entries in one of the three forms of `al logs`.
struct LogPrinter: Sendable {
    /// Each line is printable, with colours at most.
    private let render: @Sendable (JSONValue) -> [String]

    /// The conversation.
    static func conversation() -> LogPrinter {
        let view = ConversationView(style: Style(descriptor: 1, environment: ProcessInfo.processInfo.environment))
        return LogPrinter { view.lines(for: $0) }
    }

    /// One line per entry, with all fields.
    static func raw() -> LogPrinter {
        let view = RawLogView(style: Style(descriptor: 1, environment: ProcessInfo.processInfo.environment))
        return LogPrinter { [view.line(for: $0)] }
    }

    /// The entries as they are stored.
    static func json() -> LogPrinter {
        LogPrinter { [$0.compactText.printableJSON] }
    }

    /// Whether the entry shows at all.
    func isVisible(_ entry: JSONValue) -> Bool { !render(entry).isEmpty }

    /// Writes the entry to standard output.
    func print(_ entry: JSONValue) {
        for line in render(entry) { Console.outputStyled(line) }
    }
}
