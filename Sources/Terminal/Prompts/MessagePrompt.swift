/// A place to type a message of one or more lines, with what was typed before at hand.
package struct MessagePrompt: PromptState {
    package let question = "Message"
    private static let mark = "› "
    private static let indent = "  "

    private var typed = EditableText()
    private var history: InputHistory
    private let hint: String
    private let keys: MessageKeys

    /// Begins with nothing.
    ///
    /// - Parameters:
    ///   - history: what the arrows bring back.
    ///   - hint: shown while nothing is typed.
    ///   - keys: which ones send and begin a new line.
    package init(history: InputHistory, hint: String, keys: MessageKeys = MessageKeys()) {
        self.history = history
        self.hint = hint
        self.keys = keys
    }

    package mutating func handle(_ key: Key) -> PromptStep<String> {
        switch key {
        case keys.submit: return enter()
        case keys.newLine: typed.insert("\n")
        case .interrupt where typed.isEmpty: return .interrupted
        case .interrupt: typed = EditableText()
        case .endOfInput where typed.isEmpty: return .interrupted
        case .up: goUp()
        case .down: goDown()
        default: typed.handle(key)
        }
        return .goOn
    }

    /// Sends; a line that ends with `\` goes on in the next one, for terminals without another key for that.
    private mutating func enter() -> PromptStep<String> {
        if typed.characters.last == "\\", typed.cursor == typed.characters.count {
            typed.handle(.backspace)
            typed.insert("\n")
            return .goOn
        }
        return typed.text.allSatisfy(\.isWhitespace) ? .goOn : .answered(typed.text)
    }

    private mutating func goUp() {
        let before = typed.textBeforeCursor
        guard let end = before.lastIndex(of: "\n") else {
            if let entry = history.earlier(than: typed.text) { typed = EditableText(entry) }
            return
        }
        let column = before.distance(from: end, to: before.endIndex) - 1
        let above = before[..<end].split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
        moveLeft(column + 1 + max(0, above.count - column))
    }

    private mutating func goDown() {
        let after = typed.characters[typed.cursor...]
        guard let end = after.firstIndex(of: "\n") else {
            if let entry = history.later() { typed = EditableText(entry) }
            return
        }
        let column = typed.textBeforeCursor.reversed().prefix { $0 != "\n" }.count
        let below = typed.characters[(end + 1)...].prefix { $0 != "\n" }
        for _ in 0..<(end + 1 - typed.cursor + min(column, below.count)) { typed.handle(.right) }
    }

    private mutating func moveLeft(_ count: Int) {
        for _ in 0..<count { typed.handle(.left) }
    }

    package func frame(_ size: TerminalSize, _ style: Style) -> PromptFrame {
        let cells = size.columns - displayWidth(of: Self.mark) - 1
        guard !typed.isEmpty else {
            return PromptFrame(
                lines: [style.cyan(Self.mark) + style.dim(hint.fitted(to: cells))],
                cursorRow: 0,
                cursorColumn: displayWidth(of: Self.mark)
            )
        }
        var lines: [String] = [""]
        var place = (row: 0, column: 0)
        var width = 0
        for (index, character) in typed.characters.enumerated() {
            if index == typed.cursor { place = (lines.count - 1, width) }
            let next = displayWidth(of: character)
            if character == "\n" || width + next > cells {
                lines.append("")
                width = 0
            }
            guard character != "\n" else { continue }
            if index == typed.cursor { place = (lines.count - 1, width) }
            lines[lines.count - 1].append(character == "\t" ? " " : character)
            width += character == "\t" ? 1 : next
        }
        if typed.cursor == typed.characters.count { place = (lines.count - 1, width) }
        // The part around the cursor, where there are more lines than the terminal has rows.
        let first = max(0, min(place.row - size.rows / 2, lines.count - size.rows + 1))
        let visible = lines[first..<min(lines.count, first + size.rows - 1)]
        return PromptFrame(
            lines: Self.marked(visible.map { String($0).printable }, style),
            cursorRow: place.row - first,
            cursorColumn: displayWidth(of: Self.mark) + place.column
        )
    }

    package func shown(_ answer: String) -> String { answer }

    package func settled(_ answer: String?, _ style: Style) -> String {
        guard let answer else { return style.cyan(Self.mark) }
        let lines = answer.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
        return Self.marked(lines, style).joined(separator: "\r\n")
    }

    private static func marked(_ lines: [String], _ style: Style) -> [String] {
        lines.enumerated().map { ($0.offset == 0 ? style.cyan(mark) : indent) + $0.element }
    }
}
