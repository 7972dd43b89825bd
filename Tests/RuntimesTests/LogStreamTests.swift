import Testing

@testable import Runtimes

@Suite("Log frames")
struct LogFrameParserTests {
    static func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        let payload = Array(text.utf8)
        let length = withUnsafeBytes(of: UInt32(payload.count).bigEndian) { Array($0) }
        return [stream, 0, 0, 0] + length + payload
    }

    @Test("Frames come out whole wherever the stream was cut", arguments: [1, 2, 3, 7, 8, 9, 1000])
    func anyCut(size: Int) {
        let bytes = Self.frame(1, "one\n") + Self.frame(2, "höher\n") + Self.frame(1, "") + Self.frame(1, "two")
        var parser = LogFrameParser()
        var frames: [LogFrameParser.Frame] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            frames += parser.append(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(frames.map { String(decoding: $0.payload, as: UTF8.self) } == ["one\n", "höher\n", "", "two"])
        #expect(frames.map(\.stream) == [.standardOutput, .standardError, .standardOutput, .standardOutput])
    }
}

@Suite("Log time stamps")
struct LogTimestampTests {
    @Test(
        "RFC 3339 in every form engines write becomes seconds and nanoseconds",
        arguments: [
            ("1970-01-01T00:00:00Z", "0.000000000"), ("2024-02-29T12:34:56.000000001Z", "1709210096.000000001"),
            ("2024-02-29T13:34:56.5+01:00", "1709210096.500000000"),
            ("2000-12-31T23:59:59.12-00:30", "978308999.120000000"),
        ]
    )
    func reads(text: String, position: String) throws {
        let stamp = try #require(LogTimestamp(rfc3339: text))
        #expect(stamp.position == position)
        #expect(LogTimestamp(position: position) == stamp)
    }

    @Test("Other texts are no time stamps", arguments: ["", "hello", "2024-13-01T00:00:00Z", "2024-02-29T12:34:56"])
    func refuses(text: String) { #expect(LogTimestamp(rfc3339: text) == nil) }
}

@Suite("Log lines")
struct LogLineAssemblerTests {
    private func lines(_ payloads: [(OutputLine.Stream, String)], after position: String? = nil) -> [OutputLine] {
        var assembler = LogLineAssembler(resumeAfter: position.flatMap { LogPosition(text: $0) })
        var lines: [OutputLine] = []
        for (stream, text) in payloads {
            lines += assembler.append(LogFrameParser.Frame(stream: stream, payload: Array(text.utf8)))
        }
        return lines + assembler.finish()
    }

    @Test("A line spread over frames is one line with the position of its time stamp")
    func spread() {
        let found = lines([
            (.standardOutput, "1970-01-01T00:00:01.000000002Z he"), (.standardError, "1970-01-01T00:00:01.5Z err\n"),
            (.standardOutput, "llo\n1970-01-01T00:00:02Z "), (.standardOutput, "\n"),
        ])
        #expect(found.map(\.text) == ["err", "hello", ""])
        #expect(found.map(\.position) == ["1.500000000", "1.000000002", "2.000000000"])
    }

    @Test("The time stamp repeated before each part of a long line is not part of the line")
    func partialMessages() {
        let stamp = "2024-02-29T12:34:56.000000001Z "
        let found = lines([(.standardOutput, stamp + "aaa"), (.standardOutput, stamp + "bbb\n")])
        #expect(found.map(\.text) == ["aaabbb"])
    }

    /// What Podman 4 sends of `printf first; sleep 1; echo; echo zero; printf two; echo; echo end`.
    @Test("A line written in parts is one line, also if the parts bear different stamps", arguments: 0...4)
    func writtenInParts(read: Int) {
        let first = "1970-01-01T00:00:01Z "
        let second = "1970-01-01T00:00:02Z "
        let parts = [first + "first"] + ["\n", "zero\n", "two", "\n", "end\n"].map { second + $0 }
        let all = lines(parts.map { (.standardOutput, $0) })
        #expect(all.map(\.text) == ["first", "zero", "two", "end"])
        // An engine sends again what bears the stamp of the position or a later one.
        let resent = read == 0 ? parts : parts.filter { !$0.hasPrefix(first) }
        let rest = lines(resent.map { (.standardOutput, $0) }, after: read == 0 ? nil : all[read - 1].position)
        #expect(rest.map(\.text) == ["first", "zero", "two", "end"].suffix(4 - read))
    }

    @Test("Lines at or before the resume position are dropped, the last one may lack its newline")
    func resume() {
        let text = "1970-01-01T00:00:01Z a\n1970-01-01T00:00:02Z b\n1970-01-01T00:00:03Z c"
        #expect(lines([(.standardOutput, text)], after: "2.000000000").map(\.text) == ["c"])
        #expect(lines([(.standardOutput, text)]).map(\.text) == ["a", "b", "c"])
    }

    @Test("Lines of one second, as Podman stamps them, are told apart: none is lost or repeated", arguments: 0...6)
    func sharedStamps(read: Int) {
        let payloads: [(OutputLine.Stream, String)] = (1...6).map { number in
            (number == 3 ? .standardError : .standardOutput, "1970-01-01T00:00:0\(number / 5)Z \(number)\n")
        }
        let all = lines(payloads)
        #expect(Set(all.map(\.position)).count == 6)
        let rest = lines(payloads, after: read == 0 ? nil : all[read - 1].position)
        #expect(rest.map(\.text) == (1...6).map(String.init).suffix(6 - read))
    }

    @Test("A position is read as it was written", arguments: ["1.000000000", "1.000000002+7"])
    func position(text: String) { #expect(LogPosition(text: text)?.text == text) }

    @Test(
        "Other texts are no position",
        arguments: ["", "1", "1.5", "1.000000000+", "1.000000000+1", "1.000000000+2+3"]
    )
    func noPosition(text: String) { #expect(LogPosition(text: text) == nil) }
}

@Suite("Line buffer")
struct LineBufferTests {
    @Test("UTF-8 sequences survive any cut", arguments: [1, 2, 3])
    func cuts(size: Int) {
        let bytes = Array("grün\n日本\n".utf8)
        var buffer = LineBuffer()
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            buffer.append(bytes[start..<min(start + size, bytes.count)]) { text, _ in lines.append(text) }
        }
        #expect(lines == ["grün", "日本"])
        #expect(buffer.finish() == nil)
    }

    @Test("A line above 256 KiB is cut and says how much is missing")
    func cutsLongLines() throws {
        var buffer = LineBuffer()
        var lines: [String] = []
        buffer.append([UInt8](repeating: 0x61, count: LineBuffer.longestLine + 10) + [0x0a]) { text, _ in
            lines.append(text)
        }
        let line = try #require(lines.first)
        #expect(line.hasSuffix(" […10 bytes cut]"))
        #expect(line.utf8.count < LineBuffer.longestLine + 30)
    }
}
