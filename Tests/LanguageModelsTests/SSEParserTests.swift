import Testing

@testable import LanguageModels

@Suite("Event streams")
struct SSEParserTests {
    private func parse(_ text: String, limit: Int = 1 << 20) throws -> [ServerSentEvent] {
        var parser = SSEParser(limit: limit)
        var events = try parser.feed(Array(text.utf8))
        if let last = parser.finish() { events.append(last) }
        return events
    }

    @Test(
        "events are taken apart by the rules of the format",
        arguments: [
            ("data: a\n\n", ["a"]), ("data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
            ("data: a\r\rdata: b\r\r", ["a", "b"]),
            (": ping\n\ndata: a\n\n", ["a"]), ("data: a\ndata: b\n\n", ["a\nb"]), ("data:a\n\n", ["a"]),
            ("data:  a\n\n", [" a"]), ("data\n\n", [""]), ("event: x\n\n", []), ("\u{FEFF}data: a\n\n", ["a"]),
            ("id: 1\nretry: 5\ndata: a\n\n", ["a"]), ("data: a", ["a"]), ("data: [DONE]\n\n", ["[DONE]"]), ("", []),
        ]
    )
    func takesApart(text: String, expected: [String]) throws {
        #expect(try parse(text).map(\.data) == expected)
    }

    @Test("the name of an event is kept for that event only")
    func names() throws {
        #expect(try parse("event: a\ndata: 1\n\ndata: 2\n\n").map(\.name) == ["a", ""])
    }

    @Test("every split of a stream gives the same events")
    func splits() throws {
        let text = "event: é\r\ndata: {\"t\":\"ü🦙\"}\r\n\r\n: c\rdata: x\rdata: y\r\r"
        let bytes = Array(text.utf8)
        let whole = try parse(text)
        #expect(whole.count == 2)
        for cut in 0...bytes.count {
            var parser = SSEParser()
            let events = try parser.feed(bytes[..<cut]) + parser.feed(bytes[cut...])
            #expect(events == whole)
        }
    }

    @Test("an event over the limit is an error")
    func limit() throws {
        #expect(throws: SSEError.self) { try parse("data: 0123456789\n\n", limit: 10) }
        #expect(throws: SSEError.self) { try parse(String(repeating: "data: 12\n", count: 10), limit: 20) }
    }
}
