import Domain
import Foundation
import Synchronization
import Testing

@testable import AgentRun

/// Collects the lines of a log.
final class LogSink: Sendable {
    private let stored = Mutex<[String]>([])

    var lines: [String] { stored.withLock { $0 } }

    /// The lines of the protocol.
    var entries: [JSONValue] {
        lines.compactMap { line in (try? JSONValue(parsing: line)).flatMap { $0["_log"] == true ? $0 : nil } }
    }

    func write(_ line: String) { stored.withLock { $0.append(line) } }

    /// What is plain output.
    var output: [String] { entries.filter { $0["msg"] == "output" }.compactMap { $0["text"]?.stringValue } }

    /// The first line with that message.
    func entry(_ message: String) -> JSONValue? { entries.first { $0["msg"]?.stringValue == message } }
}

@Suite("The log protocol")
struct LogTests {
    let sink = LogSink()
    let log: RunLog

    init() {
        let sink = sink
        log = RunLog(now: { Date(timeIntervalSince1970: 1.5) }, write: { sink.write($0) })
    }

    @Test("However many texts were redacted, the next one takes no deeper stack")
    func manyTexts() {
        let log = RunLog(now: { Date(timeIntervalSince1970: 0) }, write: { _ in })
        log.redact { $0.replacing("secret", with: "***") }
        for _ in 0..<200_000 { _ = log.redacted("") }
        #expect(log.redacted("a secret") == "a ***")
    }

    @Test("Fixed keys frame the fields and cannot be overridden; absent fields are left out")
    func form() {
        log.line(.info, "bash", ["cmd": "ls", "msg": "no", "ts": 1, "nothing": nil])
        #expect(sink.lines == [#"{"_log":true,"level":"info","msg":"bash","cmd":"ls","ts":1500}"#])
    }

    @Test("A line above 64 KiB has its longest text cut", arguments: ["x", "\"", "\u{1}", "ü"])
    func cut(_ unit: String) throws {
        log.line(
            .info,
            "assistant",
            ["text": .string(String(repeating: unit, count: 200_000)), "short": "stays", "n": ["deep": "also stays"]]
        )
        let line = try #require(sink.lines.first)
        #expect(line.utf8.count <= 64 << 10)
        #expect(line.utf8.count > 30 << 10)
        let entry = try JSONValue(parsing: line)
        #expect(entry["short"] == "stays")
        #expect(entry["n"]?["deep"] == "also stays")
        #expect(entry["text"]?.stringValue?.hasSuffix("…[cut]") == true)
        #expect(entry["text"]?.stringValue?.contains("\u{FFFD}") == false)
    }

    @Test("Secrets are taken out of messages, fields at any depth and plain output")
    func redaction() {
        log.redact { $0.replacing("hush", with: "[redacted]") }
        log.line(.warn, "a hush b", ["x": ["list": ["hush"]], "hush": 1])
        log.output("plain hush")
        #expect(sink.entries[0]["msg"] == "a [redacted] b")
        #expect(sink.entries[0]["x"]?["list"]?[0] == "[redacted]")
        #expect(sink.entry("output")?["text"] == "plain [redacted]")
    }

    @Test(
        "Plain output is never taken for a line of the run",
        arguments: [
            #"{"_log":true,"level":"debug","msg":"turn-usage","cost":1000000}"#,
            #"x{"_log":true,"level":"info","msg":"token-usage","cost":1}"#,
        ]
    )
    func forgery(_ text: String) throws {
        log.output(text)
        #expect(sink.lines.count == 1)
        #expect(sink.lines[0].hasPrefix(#"{"_log":true,"level":"info","msg":"output","#))
        #expect(sink.entries == [["_log": true, "level": "info", "msg": "output", "text": .string(text), "ts": 1500]])
    }

    @Test("A transcript line is cut into parts that fit and can be joined again")
    func transcriptParts() throws {
        let line: JSONValue = ["seq": 3, "type": "message", "text": .string(String(repeating: "\"ü\n", count: 30000))]
        TranscriptLog(log: log).write(line)
        let entries = sink.entries
        #expect(entries.count > 2)
        #expect(sink.lines.allSatisfy { $0.utf8.count <= 64 << 10 })
        #expect(entries.map { $0["part"]?.intValue } == Array(1...entries.count))
        #expect(entries.allSatisfy { $0["of"]?.intValue == entries.count && $0["seq"] == 3 && $0["msg"] == "message" })
        let joined = entries.compactMap { $0["json"]?.stringValue }.joined()
        #expect(try JSONValue(parsing: joined) == line)
    }
}
