import Terminal
import Testing

@Suite struct MessagePromptTests {
    private let style = Style(isColoured: false)

    /// The prompt after some keys, and what it answered.
    private func typed(_ keys: [Key], history: [String] = []) -> (prompt: MessagePrompt, answer: String?) {
        var prompt = MessagePrompt(history: InputHistory(history), hint: "Ask")
        for key in keys {
            if case .answered(let answer) = prompt.handle(key) { return (prompt, answer) }
        }
        return (prompt, nil)
    }

    private func keys(_ text: String) -> [Key] { text.map { $0 == "\n" ? .newLine : .character($0) } }

    @Test("Enter sends what is typed, but not nothing and not blanks")
    func sending() {
        #expect(typed(keys("hello") + [.enter]).answer == "hello")
        #expect(typed([.enter]).answer == nil)
        #expect(typed(keys("  ") + [.enter]).answer == nil)
    }

    @Test("a new line comes by its own key, from a paste, and by a backslash at the end")
    func newLines() {
        #expect(typed(keys("a\nb") + [.enter]).answer == "a\nb")
        #expect(typed(keys("a\\") + [.enter] + keys("b") + [.enter]).answer == "a\nb")
    }

    @Test("sending and new lines can be exchanged")
    func exchangedKeys() {
        let keys = MessageKeys(submit: .newLine, newLine: .enter)
        var prompt = MessagePrompt(history: InputHistory(), hint: "Ask", keys: keys)
        for key in [Key.character("a"), .enter, .character("b")] { _ = prompt.handle(key) }
        guard case .answered("a\nb") = prompt.handle(.newLine) else { return #expect(Bool(false), "not sent") }
    }

    @Test("Ctrl+C empties the line; where it is empty, it and Ctrl+D leave")
    func leaving() {
        var prompt = typed(keys("half")).prompt
        guard case .goOn = prompt.handle(.interrupt) else { return #expect(Bool(false), "left with something typed") }
        for key in [Key.interrupt, .endOfInput] {
            var copy = prompt
            guard case .interrupted = copy.handle(key) else { return #expect(Bool(false), "\(key) does not leave") }
        }
    }

    @Test("the arrows go through what was typed before, and back to what is being typed")
    func history() {
        let before = ["first", "second"]
        #expect(typed([.up, .enter], history: before).answer == "second")
        #expect(typed([.up, .up, .up, .enter], history: before).answer == "first")
        #expect(typed(keys("draft") + [.up, .up, .down, .down, .enter], history: before).answer == "draft")
    }

    @Test("in a text of several lines the arrows move between them first")
    func movingBetweenLines() {
        #expect(typed(keys("one\nthree") + [.up, .character("!"), .enter]).answer == "one!\nthree")
        #expect(typed(keys("three\none") + [.up, .character("!"), .enter]).answer == "thr!ee\none")
        #expect(typed(keys("ab\ncd") + [.home, .down, .enter]).answer == "ab\ncd")
        let moved = typed(keys("three\nx\nfour") + [.up, .up, .home] + [.down, .down, .character("!"), .enter])
        #expect(moved.answer == "!three\nx\nfour" || moved.answer == "three\nx\n!four")
    }

    @Test("long and wide text goes on in the next row, with the cursor where typing goes on")
    func frames() {
        let size = TerminalSize(columns: 12, rows: 8)
        let frame = typed(keys("日本語日本語x")).prompt.frame(size, style)
        #expect(frame.lines == ["› 日本語日", "  本語x"])
        #expect((frame.cursorRow, frame.cursorColumn) == (1, 7))
        let empty = typed([]).prompt.frame(size, style)
        #expect(empty.lines == ["› Ask"])
        #expect((empty.cursorRow, empty.cursorColumn) == (0, 2))
        let lines = typed(keys("a\n\nb")).prompt.frame(size, style)
        #expect(lines.lines == ["› a", "  ", "  b"])
    }

    @Test("no frame is larger than the terminal, and the cursor is inside", arguments: [(10, 5), (20, 6), (80, 24)])
    func bounds(columns: Int, rows: Int) {
        let size = TerminalSize(columns: columns, rows: rows)
        let text = String(repeating: "日本 words\n", count: 30)
        var (prompt, _) = typed(keys(text))
        for _ in 0..<200 {
            let frame = prompt.frame(size, style)
            #expect(frame.lines.count < rows)
            #expect(frame.lines.allSatisfy { displayWidth(of: $0) < columns })
            #expect(frame.cursorRow < frame.lines.count && frame.cursorColumn < columns)
            _ = prompt.handle(.left)
        }
    }
}
