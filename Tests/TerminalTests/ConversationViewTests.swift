import Domain
import Terminal
import Testing

@Suite struct ConversationViewTests {
    let view = ConversationView(style: Style(isColoured: false))

    /// The lines without their leading clock, which depends on the machine's zone.
    private func shown(_ entry: JSONValue) -> [String] {
        let lines = view.lines(for: entry)
        return lines.prefix(1).map { String($0.dropFirst(10)) } + lines.dropFirst()
    }

    @Test(
        "what the machinery says among itself is hidden",
        arguments: ["event", "tool done", "message", "turn-usage", "run-result"]
    )
    func hidden(message: String) {
        #expect(view.lines(for: ["level": 20, "time": 0, "msg": .string(message)]).isEmpty)
    }

    @Test("debug lines without a form of their own are hidden, information is shown")
    func levels() {
        #expect(view.lines(for: ["level": 20, "time": 0, "msg": "anything"]).isEmpty)
        #expect(shown(["level": 30, "time": 0, "msg": "anything"]) == ["anything"])
        #expect(shown(["level": 40, "time": 0, "msg": "odd", "stderr": "x"]) == ["WARN: odd: x"])
        #expect(shown(["level": 50, "time": 0, "msg": "bad", "error": "y"]) == ["ERROR: bad: y"])
        let long = String(repeating: "r", count: 301)
        let failure: JSONValue = ["level": 50, "time": 0, "msg": "bad", "reason": .string(long)]
        #expect(shown(failure) == ["ERROR: bad: \(long.dropLast())"])
        #expect(shown(["level": 30, "time": 0, "msg": "anything", "reason": "z"]) == ["anything"])
    }

    @Test("assistant text keeps its lines, the further ones indented")
    func assistant() {
        let entry: JSONValue = [
            "level": 30, "time": 0, "msg": "assistant", "instance": "dev-0a1b2c3d", "text": "one\ntwo",
        ]
        #expect(shown(entry) == ["[dev-0a1b2c3d] one", "          two"])
    }

    @Test("tools show what they were asked and why they failed")
    func tools() {
        #expect(shown(["level": 30, "time": 0, "msg": "bash", "cmd": "ls -l"]) == ["$ ls -l"])
        #expect(shown(["level": 20, "time": 0, "msg": "tool start", "tool": "read"]) == ["▸ read"])
        let failed: JSONValue = [
            "level": 50, "time": 0, "msg": "tool error", "tool": "bash", "cmd": "x", "result": "no",
        ]
        #expect(shown(failed) == ["✗ bash failed", "          $ x", "          no"])
    }

    @Test("connections are told with their end, refused ones with the reason, routine ones not at all")
    func network() {
        func line(_ level: Int, _ verdict: String, _ rule: String) -> JSONValue {
            [
                "level": .int(level), "time": 0, "msg": "network", "host": "x.org", "port": 443,
                "verdict": .string(verdict),
                "rule": .string(rule),
            ]
        }
        #expect(shown(line(30, "allowed", "x.org")) == ["network: x.org:443 allowed"])
        #expect(shown(line(40, "refused", "not listed")) == ["network: x.org:443 refused (not listed)"])
        #expect(shown(line(20, "refused", "not listed")).isEmpty)
    }

    @Test("the raw view keeps every field once")
    func raw() {
        let line = RawLogView(style: Style(isColoured: false)).line(
            for: [
                "level": 30, "time": 0, "pid": 1, "hostname": "h", "name": "dev", "instance": "dev-0a1b2c3d",
                "cmd": "ls", "msg": "bash",
            ]
        )
        #expect(line.dropFirst(9) == "INFO  [dev-0a1b2c3d] bash {\"cmd\":\"ls\"}")
    }

    @Test("the raw view shows nothing that a terminal obeys", arguments: ["\u{1B}[2Jx\ny", "\u{9B}x y"])
    func rawEscapes(text: String) {
        let view = RawLogView(style: Style(isColoured: false))
        let line = view.line(for: ["time": 0, "msg": .string(text), "instance": .string(text), "z": .string("\u{9B}")])
        #expect(!line.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\n" })
        #expect(line.hasSuffix(#" x y {"z":"\u009b"}"#), "\(line)")
        #expect(!view.line(for: .string(text)).unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" })
    }
}
