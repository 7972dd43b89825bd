import Terminal
import TestSupport
import Testing

@Suite struct WordWrapTests {
    private func wrapped(_ pieces: [String], cells: Int) -> String {
        var wrap = WordWrap()
        return pieces.map { wrap.take($0, cells: cells) }.joined() + wrap.finish(cells: cells)
    }

    @Test(
        "lines break at blanks, between wide characters, and inside of what is longer than a line",
        arguments: [
            ("one two three", "one two \nthree"), ("日本語日本語", "日本語日\n本語"), ("abcdefghijkl", "abcdefgh\nijkl"),
            ("a\nb", "a\nb"), ("ab cd\n\nef", "ab cd\n\nef"), ("abcdefgh ij", "abcdefgh\nij"), ("", ""),
        ]
    )
    func breaking(text: String, expected: String) {
        #expect(wrapped([text], cells: 8) == expected)
    }

    @Test("it makes no difference in which pieces a text comes", arguments: UInt64(0)..<20)
    func pieces(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let words = ["one", "twenty", "日本", "…", "\n", "averyveryverylongword", "é"]
        let text = (0..<30).map { _ in words[Int.random(in: words.indices, using: &random)] }.joined(separator: " ")
        var pieces: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...9, using: &random))
            pieces.append(String(piece))
            rest = rest.dropFirst(piece.count)
        }
        let cells = Int.random(in: 4...30, using: &random)
        let whole = wrapped([text], cells: cells)
        #expect(wrapped(pieces, cells: cells) == whole)
        #expect(whole.split(separator: "\n").allSatisfy { displayWidth(of: String($0)) <= cells })
        #expect(whole.filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace })
    }
}
