import Terminal
import TestSupport
import Testing

@Suite struct ScreenPainterTests {
    private static let words = ["dev", "日本語", "é", "👩‍🚀", "running", "…", "│", ""]

    private func line(_ random: inout SeededGenerator, _ columns: Int) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let word = Self.words[Int.random(in: Self.words.indices, using: &random)]
            text += (Bool.random(using: &random) ? "\u{1B}[31m\(word)\u{1B}[0m" : word) + "·"
        }
        let fitted = StyledText(text).fitted(to: columns).plain
        return Bool.random(using: &random)
            ? fitted + String(repeating: "x", count: columns - displayWidth(of: fitted)) : fitted
    }

    @Test("whatever the picture before, the terminal shows the last one", arguments: UInt64(0)..<20)
    func anyPictures(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let size = TerminalSize(
            columns: .random(in: 10...40, using: &random),
            rows: .random(in: 5...12, using: &random)
        )
        var painter = ScreenPainter()
        var screen = ScreenEmulator(size)
        for _ in 0..<30 {
            let lines = (0..<Int.random(in: 0...size.rows, using: &random)).map { _ in line(&random, size.columns) }
            screen.write(painter.paint(lines, size: size))
            #expect(screen.lines == lines + Array(repeating: "", count: size.rows - lines.count))
        }
        #expect(screen.unknown.isEmpty)
    }

    @Test("a picture that did not change writes nothing, one changed line only that line")
    func differences() {
        let size = TerminalSize(columns: 20, rows: 5)
        var painter = ScreenPainter()
        _ = painter.paint(["one", "two", "three"], size: size)
        #expect(painter.paint(["one", "two", "three"], size: size).isEmpty)
        let change = painter.paint(["one", "2", "three"], size: size)
        #expect(change.contains("\u{1B}[2;1H2\u{1B}[K"))
        #expect(!change.contains("one") && !change.contains("three"))
    }

    @Test("another size and a disturbed screen are painted whole")
    func whole() {
        var painter = ScreenPainter()
        _ = painter.paint(["one"], size: TerminalSize(columns: 20, rows: 5))
        #expect(painter.paint(["one"], size: TerminalSize(columns: 30, rows: 5)).contains("one"))
        painter.forget()
        #expect(painter.paint(["one"], size: TerminalSize(columns: 30, rows: 5)).contains("\u{1B}[2J"))
    }
}
