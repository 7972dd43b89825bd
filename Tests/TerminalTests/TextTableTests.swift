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
