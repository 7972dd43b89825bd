import Terminal
import Testing

@Suite struct TextTableTests {
    @Test("columns grow with their content and nothing is cut")
    func growing() {
        var table = TextTable(["A", "B"], minimumWidths: [4])
        table.add(["short", "x"])
        table.add(["a-very-long-name", "y"])
        #expect(table.lines == ["A                B", "short            x", "a-very-long-name y"])
    }

    @Test("a row stays a row, whatever is in its cells")
    func lineEnds() {
        var table = TextTable(["A", "B"])
        table.add(["x\ny", "z\r\n"])
        #expect(table.lines == ["A   B", "x y z"])
    }

    @Test("a minimum width holds for short content")
    func minimum() {
        var table = TextTable(["A", "B"], minimumWidths: [8])
        table.add(["x", "y"])
        #expect(table.lines == ["A       B", "x       y"])
    }

    @Test(
        "width counts cells, not characters",
        arguments: [("abc", 3), ("日本", 4), ("\u{1B}[31mred\u{1B}[0m", 3), ("e\u{301}", 1), ("🦙", 2), ("", 0)]
    )
    func width(text: String, cells: Int) {
        #expect(displayWidth(of: text) == cells)
    }
}

@Suite struct TextWidthTests {
    private func table() -> TextTable {
        var table = TextTable(["NAME", "DESCRIPTION"], minimumWidths: [16])
        table.add(["dev", "writes code for issues that carry a label"])
        table.add(["a-name-of-thirty-characters-xx", "日本語 text"])
        return table
    }

    @Test("a table that fits is the same with and without a limit")
    func fits() {
        #expect(table().lines(fitting: 200) == table().lines)
        #expect(table().lines(fitting: nil) == table().lines)
    }

    @Test("no line is wider than the terminal, and no word is lost", arguments: [40, 50, 60, 80])
    func narrow(width: Int) {
        let lines = table().lines(fitting: width)
        for line in lines { #expect(displayWidth(of: line) <= width, "\(line)") }
        let words = Set(lines.joined(separator: " ").split(separator: " "))
        for word in ["a-name-of-thirty-characters-xx", "writes", "label", "日本語"] {
            #expect(words.contains(Substring(word)))
        }
    }

    @Test("where names are too long for columns, rows become blocks")
    func blocks() {
        #expect(
            table().lines(fitting: 40) == [
                "NAME        dev", "DESCRIPTION writes code for issues that", "            carry a label", "", "NAME",
                "  a-name-of-thirty-characters-xx", "DESCRIPTION 日本語 text",
            ]
        )
    }

    @Test(
        "text is broken at blanks, inside of words only where they are longer than a line",
        arguments: [
            ("one two three", 7, ["one two", "three"]), ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
            ("  kept", 10, ["  kept"]), ("", 5, [""]), ("a\n\nb", 5, ["a", "", "b"]), ("日本語", 4, ["日本", "語"]),
        ]
    )
    func wrapped(text: String, cells: Int, lines: [String]) {
        #expect(text.wrapped(to: cells) == lines)
    }

    @Test(
        "what is cut off shows",
        arguments: [("abcdef", 4, "abc…"), ("abc", 3, "abc"), ("日本語", 4, "日…"), ("ab", 0, "")]
    )
    func fitted(text: String, cells: Int, expected: String) {
        #expect(text.fitted(to: cells) == expected)
    }
}
