/// A list in which a mark moves: the part that all questions with lists share.
struct ChoiceList: Sendable {
    private let choices: [String]
    /// What was typed to narrow the list.
    private(set) var filter = ""
    /// Position of the mark among the visible choices.
    private var position: Int

    init(_ choices: [String], marked: Int) {
        self.choices = choices
        position = choices.indices.contains(marked) ? marked : 0
    }

    /// Indices of the choices that contain the filter, in any case.
    var visible: [Int] {
        guard !filter.isEmpty else { return Array(choices.indices) }
        let wanted = filter.lowercased()
        return choices.indices.filter { choices[$0].lowercased().contains(wanted) }
    }

    /// The choice under the mark; `nil` when the filter leaves none.
    var marked: Int? {
        let visible = visible
        return visible.indices.contains(position) ? visible[position] : nil
    }

    /// Moves the mark; the ends of the list are joined.
    mutating func move(_ key: Key, page: Int = 10) {
        let count = visible.count
        guard count > 0 else { return }
        switch key {
        case .up: position = (position + count - 1) % count
        case .down, .tab: position = (position + 1) % count
        case .pageUp: position = max(0, position - page)
        case .pageDown: position = min(count - 1, position + page)
        case .home: position = 0
        case .end: position = count - 1
        default: break
        }
    }

    mutating func type(_ character: Character) {
        filter.append(character)
        position = 0
    }

    mutating func deleteTyped(all: Bool) {
        if all { filter = "" } else { _ = filter.popLast() }
        position = 0
    }

    /// The lines around the mark that fit into so many rows; `prefix` gives what stands before a choice.
    func lines(_ size: TerminalSize, rows: Int, _ style: Style, prefix: (Int) -> String) -> [String] {
        let visible = visible
        guard !visible.isEmpty else { return [style.dim("  nothing matches")] }
        let count = max(1, min(rows, visible.count))
        let begin = max(0, min(position - count / 2, visible.count - count))
        return (begin..<(begin + count)).map { index in
            let text = prefix(visible[index]) + choices[visible[index]]
            let line = (index == position ? "❯ " : "  ") + text
            let fitted = line.fitted(to: size.columns - 1)
            return index == position ? style.cyan(fitted) : fitted
        }
    }

    subscript(index: Int) -> String { choices[index] }
}
