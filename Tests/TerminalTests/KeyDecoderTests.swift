import Terminal
import TestSupport
import Testing

@Suite struct KeyDecoderTests {
    private func keys(_ bytes: [UInt8]) -> [Key] {
        var decoder = KeyDecoder()
        var keys = bytes.compactMap { decoder.take($0) }
        if decoder.isUndecided, let last = decoder.flush() { keys.append(last) }
        return keys
    }

    @Test(
        "sequences of terminals are one key each",
        arguments: [
            ("\u{1B}[A", .up), ("\u{1B}OB", .down), ("\u{1B}[C", .right), ("\u{1B}[D", .left), ("\u{1B}[H", .home),
            ("\u{1B}[4~", .end), ("\u{1B}[3~", .delete), ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown),
            ("\r", .enter), ("\n", .enter), ("\u{7F}", .backspace), ("\u{8}", .backspace), ("\u{3}", .interrupt),
            ("\u{4}", .endOfInput), ("\u{15}", .deleteLine), ("\u{17}", .deleteWord), ("\t", .tab),
            ("a", .character("a")), ("é", .character("é")), ("日", .character("日")), ("🦙", .character("🦙")),
            ("\u{1B}x", .character("x")), ("\u{1B}\r", .newLine), ("\u{1B}[13;2u", .newLine),
            ("\u{1B}[27;2;13~", .newLine), ("\u{C}", .redraw),
        ] as [(String, Key)]
    )
    func sequences(text: String, key: Key) {
        #expect(keys(Array(text.utf8)) == [key])
    }

    @Test("an Esc alone is known once nothing follows")
    func escape() {
        var decoder = KeyDecoder()
        #expect(decoder.take(0x1B) == nil)
        #expect(decoder.isUndecided)
        #expect(decoder.flush() == .escape)
        #expect(!decoder.isUndecided)
    }

    @Test("unknown sequences and broken UTF-8 are nothing, and what follows them is whole")
    func unknown() {
        #expect(keys(Array("\u{1B}[99;9Xa".utf8)) == [.character("a")])
        #expect(keys([0xC3, 0x28] + Array("b".utf8)) == [.character("("), .character("b")])
        #expect(keys([0xA4, 0xFF] + Array("日".utf8)) == [.character("日")])
        #expect(keys(Array("\u{1B}[12\u{1B}[A".utf8)) == [.up])
        #expect(keys([0, 28] + Array("c".utf8)) == [.character("c")])
    }

    @Test("a paste sends nothing: its lines' ends are new lines, and its control characters nothing")
    func paste() {
        let keys = keys(Array("\u{1B}[200~a\rb\u{3}\u{1B}[201~\r".utf8))
        #expect(keys == [.character("a"), .newLine, .character("b"), .enter])
    }

    @Test("whatever comes, the decoder keeps little and understands what follows", arguments: UInt64(0)..<50)
    func anything(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        var decoder = KeyDecoder()
        let likely: [UInt8] = [0x1B, 0x5B, 0x4F, 0x3B, 0x32, 0x7E, 0x41, 0xE6, 0x97, 0xF0, 0xC3]
        for _ in 0..<2_000 {
            let isLikely = Bool.random(using: &random)
            _ = decoder.take(
                isLikely ? likely[Int.random(in: likely.indices, using: &random)] : .random(in: 0...255, using: &random)
            )
        }
        _ = decoder.flush()
        // Ends a paste that happened to begin.
        let after = Array("\u{1B}[201~日".utf8).compactMap { decoder.take($0) }
        #expect(after == [.character("日")])
        #expect(!decoder.isUndecided)
    }

    @Test("keys that come at once stay apart")
    func burst() {
        #expect(keys(Array("ab\u{1B}[A\r".utf8)) == [.character("a"), .character("b"), .up, .enter])
    }
}
