import Domain
import Foundation
import Harness
import LanguageModels
import OrderedCollections
import Synchronization
import Terminal

/// Prints a turn of a chat as it goes: text as it comes, tool calls, the beginnings of their results.
final class ChatPrinter: Sendable {
    /// Lines of a tool's result.
    private static let resultLines = 4
    /// What says best what a call does.
    private static let telling = ["command", "path", "pattern", "url", "query", "id"]

    /// Where the cursor stands.
    private enum Place { case lineStart, text, waiting }

    private struct State {
        var place = Place.lineStart
        var wrap = WordWrap()
    }

    private let state = Mutex(State())
    private let style: Style
    private let width: @Sendable () -> Int
    private let write: @Sendable (String) -> Void

    /// Prints somewhere.
    init(style: Style, width: @escaping @Sendable () -> Int, write: @escaping @Sendable (String) -> Void) {
        self.style = style
        self.width = width
        self.write = write
    }

    /// The model is asked; the mark goes when it answers.
    func wait() {
        beginLine()
        write(style.dim("…"))
        state.withLock { $0.place = .waiting }
    }

    /// A piece of the answer.
    func text(_ piece: String) {
        let lines = piece.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
        let cells = cells
        let (former, text) = state.withLock { state in
            defer { state.place = .text }
            if state.place != .text { state.wrap = WordWrap() }
            return (state.place, state.wrap.take(lines.joined(separator: "\n"), cells: cells))
        }
        if former == .waiting { write("\r\u{1B}[K") }
        write(text)
    }

    /// What is said beside the conversation, in as many lines as it takes.
    func note(_ text: StyledText, indent: Int = 0) {
        beginLine()
        for line in text.wrapped(to: cells, indent: indent) { write(line.text(style) + "\n") }
    }

    /// A line of its own, cut to the terminal.
    private func line(_ line: StyledText) {
        beginLine()
        write(line.fitted(to: cells).text(style) + "\n")
    }

    private var cells: Int { max(10, width() - 1) }

    /// A call that is about to run.
    func call(_ call: ToolCall) {
        let arguments = call.arguments.objectValue ?? [:]
        let told = Self.telling.compactMap { arguments[$0]?.stringValue }.first
        let text = told ?? (arguments.isEmpty ? "" : call.arguments.compactText)
        let first = text.split(separator: "\n").first.map(String.init) ?? ""
        let more = first.count < text.count ? " …" : ""
        line(StyledText("▸ \(call.name) ", .cyan) + StyledText(first + more))
    }

    /// What a call brought.
    func result(_ message: ToolResultMessage) {
        let text = ToolOutput(message.content).text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let tone: Tone = message.isError ? .red : .dim
        for part in lines.prefix(Self.resultLines) { line(StyledText("  \(part)", tone)) }
        let rest = lines.count - Self.resultLines
        if rest > 0 { line(StyledText("  … \(LiveText.count(rest, "more line"))", .dim)) }
    }

    /// The cursor stands at the beginning of a line.
    func beginLine() {
        let cells = cells
        let (former, rest) = state.withLock { state in
            defer { state.place = .lineStart }
            return (state.place, state.place == .text ? state.wrap.finish(cells: cells) : "")
        }
        switch former {
        case .lineStart: break
        case .text: write(rest + "\n")
        case .waiting: write("\r\u{1B}[K")
        }
    }
}

extension ChatPrinter {
    /// Prints what is heard of the model.
    func show(_ event: TappedModel.Event) {
        switch event {
        case .asked(let messages):
            for case .toolResult(let message) in messages { result(message) }
            wait()
        case .text(let piece): text(piece)
        case .replied(let reply):
            beginLine()
            reply.toolCalls.forEach(call)
        }
    }

    /// Prints what else happens in a conversation.
    func show(_ event: SessionEvent) {
        switch event {
        case .retry(_, let delay, let error):
            note(StyledText("\(error.sentence). Again in \(delay.components.seconds) s.", .yellow))
        case .contextCompacted(let before, let after):
            note(StyledText("The conversation was shortened from \(before) to \(after) tokens.", .dim))
        case .warning(let text): note(StyledText(text, .yellow))
        case .modelFallback(let change):
            note(StyledText("\(change.to) answers instead of \(change.from): \(change.error.sentence).", .yellow))
        case .secretRedacted(let name, _): note(StyledText("\(name) was kept from the model.", .dim))
        case .budgetWarning(let status):
            note(StyledText("\(status.sentence).", .yellow))
        default: break
        }
    }

    /// How a turn ended and what it cost.
    func end(_ result: SessionResult, seconds: Int) {
        switch result.outcome {
        case .finished, .stoppedBySignal: break
        case .cancelled: note(StyledText("(stopped)", .yellow))
        case .guardAborted: note(StyledText("Stopped: the same tool failed again and again.", .red))
        case .budgetSpent(let status): note(StyledText("Stopped: \(status.sentence).", .red))
        case .rateLimited(let error): note(StyledText(error.sentence, .red))
        case .modelFailed(let text, _): note(StyledText(text, .red))
        }
        guard result.usage.total > 0 else { return }
        let cost = result.usage.cost.map { $0 > 0 ? ", \(LiveText.cost($0))" : "" } ?? ""
        let tokens = "\(LiveText.grouped(result.usage.total)) tokens\(cost), \(LiveText.duration(seconds: seconds))"
        note(StyledText(tokens, .dim))
        write("\n")
    }
}
