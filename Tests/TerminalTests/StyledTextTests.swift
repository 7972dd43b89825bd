import Terminal
import Testing

@Suite struct StyledTextTests {
    private let line = StyledText("日本 ", .bold) + StyledText("one two", .red)

    @Test(
        "a line is cut to cells, with a mark where something is missing",
        arguments: [
            (12, "日本 one two"), (11, "日本 one t…"), (6, "日本 …"), (5, "日本…"), (4, "日…"), (1, "…"), (0, ""),
        ]
    )
    func fitting(cells: Int, expected: String) {
        #expect(line.fitted(to: cells).plain == expected)
        #expect(line.fitted(to: cells).width <= cells)
    }

    @Test("padding fills or cuts to exactly so many cells", arguments: [1, 4, 5, 12, 20])
    func padding(cells: Int) {
        #expect(line.padded(to: cells).width == cells)
    }

    @Test("the cut between two tones keeps the mark")
    func cutBetweenTones() {
        #expect((StyledText("ab") + StyledText("cd", .red)).fitted(to: 2).plain == "a…")
    }

    @Test("long lines break at blanks, the later ones indented; words longer than a line break anywhere")
    func wrapping() {
        #expect(StyledText("one two three").wrapped(to: 8, indent: 2).map(\.plain) == ["one two", "  three"])
        #expect(StyledText("日本語日本語").wrapped(to: 5).map(\.plain) == ["日本", "語日", "本語"])
        #expect(StyledText("    abcdefghij").wrapped(to: 8).map(\.plain) == ["    abcd", "efghij"])
        #expect(StyledText("").wrapped(to: 8).map(\.plain) == [""])
        let wrapped = line.wrapped(to: 8)
        #expect(wrapped.map(\.plain) == ["日本 one", "two"])
        #expect(wrapped.last?.parts.first?.tone == .red)
    }

    @Test(
        "nothing that a terminal obeys comes through",
        arguments: [
            ("a\u{1B}[31mred\u{1B}[0m", "ared"), ("\u{1B}]0;title\u{7}x", "x"), ("\u{1B}]8;;http://x\u{1B}\\y", "y"),
            ("a\r\nb\u{8}", "ab"), ("a\tb", "a    b"), ("\u{202E}abc", "abc"), ("\u{9B}2Jx", "2Jx"), ("\u{1B}", ""),
            ("👩‍🚀 é", "👩‍🚀 é"),
        ]
    )
    func printable(text: String, expected: String) {
        #expect(StyledText(text).plain == expected)
    }

    @Test("the line ends of other systems stay line ends")
    func printableLines() {
        #expect("a\r\nb\n\r\nc\u{8}d".printableLines == "a\nb\n\ncd")
    }

    @Test("JSON that is printable is the same document")
    func printableJSON() {
        #expect("[\"\u{9B}2J\u{202E}é\",\n\"\u{FEFF}\"]".printableJSON == #"["\u009b2J\u202eé",\#n"\ufeff"]"#)
        #expect("{\n  \"a\": \"🚀\"\n}".printableJSON == "{\n  \"a\": \"🚀\"\n}")
    }

    @Test("tones become escape sequences only where there are colours")
    func tones() {
        #expect(line.text(Style(isColoured: false)) == "日本 one two")
        #expect(line.text(Style(isColoured: true)) == "\u{1B}[1m日本 \u{1B}[0m\u{1B}[31mone two\u{1B}[0m")
    }
}
