import Domain
import Foundation
import Terminal

/// The standard streams: results on one, everything said to people beside them on the other.
enum Console {
    /// Writes a line to standard output, without what a terminal would obey: whoever wrote parts of it cannot reach the terminal.
    static func output(_ line: String) { write(line.printableLines + "\n", to: 1) }

    /// Writes a line to standard output whose parts are printable and have got their colours since.
    static func outputStyled(_ line: String) { write(line + "\n", to: 1) }

    /// Writes a document to standard output; what a terminal would obey is escaped in it.
    static func output(json document: JSONValue) { write(document.prettyText.printableJSON + "\n", to: 1) }

    /// Writes a document to standard output as one line; what a terminal would obey is escaped in it.
    static func output(jsonLine document: JSONValue) { write(document.compactText.printableJSON + "\n", to: 1) }

    /// Writes a line to standard output as it is, for programs that read it; a terminal gets it as any other line.
    static func outputExactly(_ line: String) { output(bytes: Array((line + "\n").utf8)) }

    /// Writes a line to standard error, without what a terminal would obey.
    static func error(_ line: String) { write(line.printableLines + "\n", to: 2) }

    /// Cells of the terminal that standard output is; `nil` when it is none.
    static var width: Int? { isatty(1) == 1 ? TerminalSize.of(descriptor: 1)?.columns : nil }

    /// Cells of the terminal that standard error is; `nil` when it is none.
    static var errorWidth: Int? { isatty(2) == 1 ? TerminalSize.of(descriptor: 2)?.columns : nil }

    /// Colours of standard output.
    static var style: Style { Style(descriptor: 1, environment: ProcessInfo.processInfo.environment) }

    /// Says on standard error what takes longer than a second.
    static func waitingLine(_ environment: [String: String]) -> WaitingLine {
        let term = environment["TERM"] ?? ""
        return WaitingLine(clock: ContinuousClock(), hasCursor: isatty(2) == 1 && term != "dumb" && !term.isEmpty) {
            write($0, to: 2)
        }
    }

    /// Writes a piece of text to standard output.
    static func outputPiece(_ text: String) { write(text, to: 1) }

    /// What standard input gives to its end.
    ///
    /// - Throws: what the system says, as of a directory.
    static func input() throws -> Data { try FileHandle.standardInput.readToEnd() ?? Data() }

    /// Writes bytes to standard output as they are; a terminal gets them without what it would obey.
    static func output(bytes: [UInt8]) {
        guard isatty(1) == 1 else { return write(bytes, to: 1) }
        write(String(decoding: bytes, as: UTF8.self).printableLines, to: 1)
    }

    private static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

    private static func write(_ content: [UInt8], to descriptor: Int32) {
        var bytes = content[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            // A reader that went away (`al logs | head`) is no failure of ours.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
