import Synchronization
import Terminal
import Testing

/// A terminal whose keys are typed beforehand and whose pictures are kept.
private final class FakeTerminal: Sendable {
    private struct State {
        var keys: [UInt8]
        var output = ""
    }

    private let state: Mutex<State>
    private let size: TerminalSize

    init(_ keys: String, columns: Int = 60, rows: Int = 24) {
        state = Mutex(State(keys: Array(keys.utf8)))
        size = TerminalSize(columns: columns, rows: rows)
    }

    var output: String { state.withLock { $0.output } }

    func loop() -> PromptLoop {
        PromptLoop(
            device: .init(
                hasCursor: true,
                read: { _ in self.state.withLock { $0.keys.isEmpty ? nil : $0.keys.removeFirst() } },
                write: { text in self.state.withLock { $0.output += text } },
                size: { self.size }
            ),
            style: Style(isColoured: false)
        )
    }
}

@Suite struct PromptTests {
    private let plain = Style(isColoured: false)

    private func answer<State: PromptState>(_ prompt: State, _ keys: String) throws -> State.Answer {
        try FakeTerminal(keys).loop().run(prompt)
    }

    @Test(
        "a line is edited with the usual keys",
        arguments: [
            ("abc\r", "abc"), ("abc\u{7F}\u{7F}x\r", "ax"), ("ac\u{1B}[Db\r", "abc"), ("bc\u{1B}[Ha\r", "abc"),
            ("one two\u{17}x\r", "one x"), ("junk\u{15}good\r", "good"), ("\r", "standard"),
            ("日本\u{7F}語\r", "日語"), ("abc\u{1B}[H\u{1B}[3~\r", "bc"),
        ]
    )
    func line(keys: String, expected: String) throws {
        #expect(try answer(LinePrompt("Name", defaultAnswer: "standard"), keys) == expected)
    }

    @Test("an answer that will not do gets its sentence, and the question stays")
    func problem() throws {
        let prompt = LinePrompt("Port") { Int($0) == nil ? "A number." : nil }
        let terminal = FakeTerminal("x\r\u{15}80\r")
        #expect(try terminal.loop().run(prompt) == "80")
        #expect(terminal.output.contains("  A number."))
        #expect(terminal.output.hasSuffix("Port: 80\r\n"))
    }

    @Test("a secret shows as stars only, also afterwards")
    func secret() throws {
        let terminal = FakeTerminal("hunter22\r")
        #expect(try terminal.loop().run(LinePrompt("Token", isSecret: true)) == "hunter22")
        #expect(!terminal.output.contains("hunter22"))
        #expect(!terminal.output.contains("h"))
        #expect(terminal.output.contains("********"))
    }

    @Test(
        "Ctrl+C, Ctrl+D and a terminal that is gone interrupt every question, Esc cancels it",
        arguments: ["\u{3}", "\u{4}", "", "\u{1B}"]
    )
    func interrupted(keys: String) {
        let expected = keys == "\u{1B}" ? PromptError.cancelled : .interrupted
        let questions: [() throws -> Void] = [
            { _ = try answer(LinePrompt("Q"), keys) },
            { _ = try answer(LinePrompt("Q", isSecret: true), keys) },
            { _ = try answer(ConfirmPrompt("Q", defaultAnswer: true), keys) },
            { _ = try answer(ListPrompt("Q", ["a"]), keys) },
            { _ = try answer(ListPrompt("Q", ["a"], isSearch: true), keys) },
            { _ = try answer(MultipleChoicePrompt("Q", ["a"]), keys) },
        ]
        for question in questions { #expect(throws: expected) { try question() } }
    }

    @Test(
        "yes or no: a letter chooses, Enter answers",
        arguments: [
            ("\r", true, true), ("\r", false, false), ("n\r", true, false), ("nY\r", false, true),
            ("y\u{7F}\r", false, false),
        ]
    )
    func confirm(keys: String, defaultAnswer: Bool, expected: Bool) throws {
        #expect(try answer(ConfirmPrompt("Sure?", defaultAnswer: defaultAnswer), keys) == expected)
    }

    @Test(
        "the mark of a list moves, and its ends are joined",
        arguments: [
            ("\r", 1), ("\u{1B}[B\r", 2), ("\u{1B}[A\u{1B}[A\r", 3), ("\u{1B}[F\u{1B}[B\r", 0), ("\u{1B}[6~\r", 3),
            ("x\r", 1),
        ]
    )
    func list(keys: String, expected: Int) throws {
        #expect(try answer(ListPrompt("Q", ["a", "b", "c", "d"], defaultIndex: 1), keys) == expected)
    }

    @Test(
        "a search list keeps what contains the text, in any case",
        arguments: [("GIT\u{1B}[B\r", 2), ("zzz\r\u{15}sen\r", 1), ("gx\u{7F}\r", 0)]
    )
    func search(keys: String, expected: Int) throws {
        let choices = ["GitHub token", "Sentry token", "git over ssh"]
        #expect(try answer(ListPrompt("Q", choices, isSearch: true), keys) == expected)
    }

    @Test(
        "several can be chosen",
        arguments: [("\r", [1]), (" \r", [0, 1]), ("\u{1B}[B \r", []), ("a\r", [0, 1, 2]), ("aa\r", [])]
    )
    func many(keys: String, expected: [Int]) throws {
        #expect(try answer(MultipleChoicePrompt("Q", ["a", "b", "c"], chosen: [1]), keys) == expected)
    }

    @Test("no picture is wider or higher than the terminal", arguments: [10, 20, 40, 60, 80, 200], [5, 10, 24])
    func fits(columns: Int, rows: Int) throws {
        let size = TerminalSize(columns: columns, rows: rows)
        let long = "a question that needs 日本語 many words to say what it is that has to be answered"
        let choices = (0..<40).map { "choice \($0) with 日本語 and a description that is longer than the line" }
        var line = LinePrompt(long, defaultAnswer: "default")
        for character in String(repeating: "日本x", count: 80) { _ = line.handle(.character(character)) }
        var search = ListPrompt("Type", choices, isSearch: true)
        for character in "choice 3" { _ = search.handle(.character(character)) }
        let frames = [
            line.frame(size, plain), ConfirmPrompt(long, defaultAnswer: true).frame(size, plain),
            ListPrompt("Which", choices, defaultIndex: 39).frame(size, plain), search.frame(size, plain),
            MultipleChoicePrompt("Which", choices).frame(size, plain),
        ]
        for frame in frames {
            for text in frame.lines { #expect(displayWidth(of: text) <= columns, "\(text)") }
            #expect(frame.cursorColumn < columns)
            #expect(frame.lines.indices.contains(frame.cursorRow))
        }
        for frame in frames.suffix(3) { #expect(frame.lines.count <= rows) }
    }

    @Test("the marked choice is always in the picture")
    func scrolls() {
        var prompt = ListPrompt("Q", (0..<50).map { "choice \($0)" })
        for step in 0..<60 {
            let frame = prompt.frame(TerminalSize(columns: 40, rows: 10), plain)
            #expect(frame.lines.contains("❯ choice \(step % 50)"))
            _ = prompt.handle(.down)
        }
    }

    @Test("without a terminal the question and its remedy are named")
    func notPossible() {
        let prompt = Prompt(isHeadless: true, environment: [:])
        #expect(throws: PromptError.notPossible(question: "Provider", remedy: "--provider")) {
            _ = try prompt.choose("Provider", among: ["a"], remedy: "--provider")
        }
    }
}
