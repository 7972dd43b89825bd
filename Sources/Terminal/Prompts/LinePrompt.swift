/// A question whose answer is a line of text, shown or as `*`.
package struct LinePrompt: PromptState {
    package let question: String
    private let isSecret: Bool
    private let defaultAnswer: String?
    private let problem: @Sendable (String) -> String?
    private var typed = EditableText()
    private var message: String?

    /// Asks for a line.
    ///
    /// - Parameters:
    ///   - question: without punctuation.
    ///   - isSecret: each character shows as `*`.
    ///   - defaultAnswer: what Enter alone answers; shown in brackets.
    ///   - problem: a sentence when an answer will not do; it is shown and the question stays.
    package init(
        _ question: String,
        isSecret: Bool = false,
        defaultAnswer: String? = nil,
        problem: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.question = question
        self.isSecret = isSecret
        self.defaultAnswer = defaultAnswer
        self.problem = problem
    }

    package mutating func handle(_ key: Key) -> PromptStep<String> {
        switch key {
        case .enter: return enter()
        case .interrupt: return .interrupted
        case .endOfInput: return typed.isEmpty ? .interrupted : .goOn
        case .escape: return .cancelled
        default: typed.handle(key)
        }
        message = nil
        return .goOn
    }

    private mutating func enter() -> PromptStep<String> {
        let answer = typed.isEmpty ? defaultAnswer ?? "" : typed.text
        guard let problem = problem(answer) else { return .answered(answer) }
        message = problem
        return .goOn
    }

    package func frame(_ size: TerminalSize, _ style: Style) -> PromptFrame {
        let suffix = defaultAnswer.map { $0.isEmpty ? "" : " [\($0)]" } ?? ""
        var (lines, column) = heading(question + suffix + ":", size, style)
        // A narrow rest of a line is no place to type in.
        if column + 1 + 16 > size.columns, column > size.columns / 2 {
            lines.append("")
            column = 0
        } else if let last = lines.indices.last {
            lines[last] += " "
            column += 1
        }
        let row = lines.count - 1
        let visible = visible(in: size.columns - column - 1)
        lines[row] += visible.text
        if let message { lines += message.wrapped(to: size.columns - 3).map { "  " + style.yellow($0) } }
        return PromptFrame(lines: lines, cursorRow: row, cursorColumn: column + visible.cursor)
    }

    /// The part of the text around the cursor that fits, and the cells before the cursor in it.
    private func visible(in cells: Int) -> (text: String, cursor: Int) {
        let shown = isSecret ? typed.characters.map { _ in Character("*") } : typed.characters
        let cursor = typed.cursor
        var begin = 0
        var width = shown[..<cursor].reduce(0) { $0 + displayWidth(of: $1) }
        while width >= cells, begin < cursor {
            width -= displayWidth(of: shown[begin])
            begin += 1
        }
        var result = ""
        var room = cells
        for character in shown[begin...] {
            room -= displayWidth(of: character)
            guard room >= 0 else { break }
            result.append(character)
        }
        return (result, width)
    }

    package func shown(_ answer: String) -> String {
        isSecret ? String(repeating: "*", count: min(answer.count, 24)) : answer
    }
}
