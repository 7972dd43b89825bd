/// A question that is answered by choosing one of several, with arrows and Enter; a search list also narrows by typing.
package struct ListPrompt: PromptState {
    package let question: String
    private let isSearch: Bool
    private var list: ChoiceList

    /// Asks to choose.
    ///
    /// - Parameters:
    ///   - question: without punctuation.
    ///   - choices: one line each; never empty.
    ///   - defaultIndex: where the mark stands first.
    ///   - isSearch: typing keeps the choices that contain the text, in any case.
    package init(_ question: String, _ choices: [String], defaultIndex: Int = 0, isSearch: Bool = false) {
        self.question = question
        self.isSearch = isSearch
        list = ChoiceList(choices, marked: defaultIndex)
    }

    package mutating func handle(_ key: Key) -> PromptStep<Int> {
        switch key {
        case .enter: return list.marked.map(PromptStep.answered) ?? .goOn
        case .interrupt, .endOfInput: return .interrupted
        case .escape: return .cancelled
        case .character(let character) where isSearch: list.type(character)
        case .backspace where isSearch: list.deleteTyped(all: false)
        case .deleteLine where isSearch: list.deleteTyped(all: true)
        default: list.move(key)
        }
        return .goOn
    }

    package func frame(_ size: TerminalSize, _ style: Style) -> PromptFrame {
        let heading = heading(label, size, style)
        var lines = heading.lines
        if isSearch {
            lines[lines.count - 1] += " " + list.filter.fitted(to: max(1, size.columns - heading.lastWidth - 2))
        }
        let row = lines.count - 1
        let column = min(heading.lastWidth + 1 + (isSearch ? displayWidth(of: list.filter) : 0), size.columns - 1)
        let hint = isSearch ? "  ↑↓ Enter, type to search, Esc" : "  ↑↓ Enter, Esc"
        let room = size.rows - lines.count - 2
        lines += list.lines(size, rows: room, style) { _ in "" }
        lines.append(style.dim(hint.fitted(to: size.columns - 1)))
        return PromptFrame(lines: lines, cursorRow: row, cursorColumn: column)
    }

    package func shown(_ answer: Int) -> String { list[answer] }
}
