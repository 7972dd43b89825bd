/// A question as a machine of keys and frames, without a terminal.
package protocol PromptState<Answer>: Sendable {
    associatedtype Answer: Sendable

    /// What it asks, without punctuation.
    var question: String { get }
    /// Takes in a key.
    mutating func handle(_ key: Key) -> PromptStep<Answer>
    /// What the terminal shows now.
    func frame(_ size: TerminalSize, _ style: Style) -> PromptFrame
    /// The answer as it stays on the screen.
    func shown(_ answer: Answer) -> String
    /// What stays on the screen; without an answer it was left.
    func settled(_ answer: Answer?, _ style: Style) -> String
}

/// What follows from a key.
package enum PromptStep<Answer: Sendable>: Sendable {
    case goOn
    case answered(Answer)
    /// Ctrl+C, or Ctrl+D where nothing was typed.
    case interrupted
    /// Esc: back to where the question came from.
    case cancelled
}

/// A picture of a question: lines that fit the width, and where the cursor stands.
package struct PromptFrame: Hashable, Sendable {
    package var lines: [String]
    package var cursorRow: Int
    package var cursorColumn: Int

    /// Collects the facts.
    package init(lines: [String], cursorRow: Int, cursorColumn: Int) {
        self.lines = lines
        self.cursorRow = cursorRow
        self.cursorColumn = cursorColumn
    }
}

extension PromptState {
    package func settled(_ answer: Answer?, _ style: Style) -> String {
        style.bold(label) + (answer.map { " " + shown($0) } ?? "")
    }

    /// The question with a colon, unless it has its own mark.
    var label: String { question.hasSuffix("?") ? question : question + ":" }

    /// The question in bold lines, and the cells that its last line takes.
    func heading(_ text: String, _ size: TerminalSize, _ style: Style) -> (lines: [String], lastWidth: Int) {
        let lines = text.wrapped(to: size.columns - 1)
        return (lines.map(style.bold), lines.last.map(displayWidth) ?? 0)
    }
}
