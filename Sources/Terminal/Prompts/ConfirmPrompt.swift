/// A question that is answered by yes or no: `y` or `n` chooses, Enter answers.
package struct ConfirmPrompt: PromptState {
    package let question: String
    private let defaultAnswer: Bool
    private var choice: Bool?

    /// Asks yes or no; Enter alone takes the default, whose letter is shown as a capital.
    package init(_ question: String, defaultAnswer: Bool) {
        self.question = question
        self.defaultAnswer = defaultAnswer
    }

    package mutating func handle(_ key: Key) -> PromptStep<Bool> {
        switch key {
        case .enter: return .answered(choice ?? defaultAnswer)
        case .interrupt, .endOfInput: return .interrupted
        case .escape: return .cancelled
        case .character("y"), .character("Y"): choice = true
        case .character("n"), .character("N"): choice = false
        case .backspace, .delete, .deleteLine: choice = nil
        default: break
        }
        return .goOn
    }

    package func frame(_ size: TerminalSize, _ style: Style) -> PromptFrame {
        let typed = choice.map { $0 ? "y" : "n" } ?? ""
        var (lines, column) = heading("\(question) \(defaultAnswer ? "[Y/n]" : "[y/N]")", size, style)
        if column + 3 > size.columns {
            lines.append("")
            column = 0
        } else if let last = lines.indices.last {
            lines[last] += " "
            column += 1
        }
        lines[lines.count - 1] += typed
        return PromptFrame(lines: lines, cursorRow: lines.count - 1, cursorColumn: column + typed.count)
    }

    package func shown(_ answer: Bool) -> String { answer ? "yes" : "no" }
}
