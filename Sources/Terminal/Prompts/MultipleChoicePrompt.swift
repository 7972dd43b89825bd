/// A question that is answered by choosing any number of several: Space changes the one under the mark, Enter answers.
package struct MultipleChoicePrompt: PromptState {
    package let question: String
    private var list: ChoiceList
    private var chosen: Set<Int>
    private let count: Int

    /// Asks to choose.
    ///
    /// - Parameters:
    ///   - question: without punctuation.
    ///   - choices: one line each; never empty.
    ///   - chosen: indices that are chosen at first.
    package init(_ question: String, _ choices: [String], chosen: Set<Int> = []) {
        self.question = question
        self.chosen = chosen
        count = choices.count
        list = ChoiceList(choices, marked: 0)
    }

    package mutating func handle(_ key: Key) -> PromptStep<[Int]> {
        switch key {
        case .enter: return .answered(chosen.sorted())
        case .interrupt, .endOfInput: return .interrupted
        case .escape: return .cancelled
        case .character(" "):
            if let marked = list.marked { chosen.formSymmetricDifference([marked]) }
        case .character("a"): chosen = chosen.count == count ? [] : Set(0..<count)
        default: list.move(key)
        }
        return .goOn
    }

    package func frame(_ size: TerminalSize, _ style: Style) -> PromptFrame {
        let heading = heading(label, size, style)
        var lines = heading.lines
        let column = min(heading.lastWidth + 1, size.columns - 1)
        let room = size.rows - lines.count - 2
        lines += list.lines(size, rows: room, style) { chosen.contains($0) ? "[x] " : "[ ] " }
        lines.append(style.dim("  ↑↓ Space Enter, a = all, Esc".fitted(to: size.columns - 1)))
        return PromptFrame(lines: lines, cursorRow: heading.lines.count - 1, cursorColumn: column)
    }

    package func shown(_ answer: [Int]) -> String {
        answer.isEmpty ? "none" : answer.map { list[$0] }.joined(separator: ", ")
    }
}
