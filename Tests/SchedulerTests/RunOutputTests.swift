import Credentials
import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("What a run prints")
struct RunOutputTests {
    private let now = StoreSamples.at(3600)

    private func output(into sink: any LogSink, agent: AgentConfig? = nil) throws -> RunOutput {
        let record = RunRecord(
            instance: try StoreSamples.instance("dev", 1),
            secret: "the secret",
            trigger: .manual(prompt: nil),
            state: .running,
            itemID: nil,
            rerun: 0,
            configHash: "hash",
            timeout: 900,
            queuedAt: StoreSamples.at(0),
            startedAt: StoreSamples.at(0)
        )
        var redactors = AgentRedactors()
        let redactor = agent.map { redactors.redactor(of: $0) } ?? Redactor([])
        return RunOutput(record: record, hiding: redactor, sink: sink, now: { [now] in now })
    }

    private func line(_ text: String) -> OutputLine {
        OutputLine(stream: .standardOutput, text: text, position: "\(text.utf8.count)")
    }

    @Test("what hides an agent's secrets is prepared once for all of its runs, and anew when the agent changes")
    func preparedOnce() throws {
        var redactors = AgentRedactors()
        var agent = try agent("dev")
        let first = redactors.redactor(of: agent)
        #expect(redactors.redactor(of: agent) === first)
        agent.model.headers = ["X-Api-Key": "key-0123456789"]
        let second = redactors.redactor(of: agent)
        #expect(second.redact("key-0123456789").text == "[redacted:config.X-Api-Key]")
        redactors.forget(agent.name)
        #expect(redactors.redactor(of: agent) !== second)
    }

    @Test("what stands in the agent's configuration as a secret is hidden, like the run's own")
    func configuredSecret() throws {
        var agent = try agent("dev")
        agent.model.headers = ["X-Api-Key": "key-0123456789", "Accept": "application/json"]
        let output = try output(into: MemorySink(), agent: agent)
        #expect(
            output.redacted("key-0123456789 the secret application/json")
                == "[redacted:config.X-Api-Key] [redacted:gateway.secret] application/json"
        )
    }

    @Test("a transcript line that is never whole does not hold up the position for good")
    func partOfNothing() throws {
        let output = try output(into: MemorySink())
        _ = output.receive(line(#"{"_log":true,"msg":"message","seq":1,"part":0,"of":2,"json":"x"}"#))
        _ = output.receive(line("between"))
        #expect(output.position == nil)
        for _ in 0...TranscriptAssembler.span { _ = output.receive(line("later")) }
        #expect(output.position == line("later").position)
    }

    @Test("no line ends the process that reads it, and all go to the file of today")
    func anyLine() async throws {
        try await withTemporaryDirectory { directory in
            let files = try LogFiles(stateDirectory: directory, process: 7, host: "h", now: { [now] in now })
            let output = try output(into: files)
            var random = SeededGenerator(state: 4032)
            for _ in 0..<5000 {
                let text = Self.nastyLine(&random)
                guard case .modelReply(let reply) = output.receive(line(text)) else { continue }
                #expect((0...TokenUsage.largestCost).contains(reply.cost), "\(text)")
            }
            let usage = try #require(output.report.usage)
            #expect(usage.json["totalTokens"]?.intValue == usage.total)
            #expect(!RunStory.money(usage.cost ?? 0).isEmpty)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/logs")
            #expect(names == ["dev-\(UTCDate.text(of: now)).log"])
        }
    }

    private static let words = [
        "x", "message", "turn-usage", "token-usage", "run-result", "signal-result", "assistant", "tool error", "",
    ]
    private static let keys = [
        "ts", "inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "totalTokens", "turnCount", "cost",
        "exitCode", "seq", "part", "of", "level", "elapsed",
    ]
    private static let values = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e19", "1e300", "-1e300", "1e999",
        "-0.5",
        "0", "7", "null", "true", #""1""#, "[]", "{}", "1800003600000", "1e-320", "2",
    ]

    private static func nastyLine(_ random: inout SeededGenerator) -> String {
        func member(_ key: String) -> String {
            #""\#(key)":\#(values.randomElement(using: &random) ?? "0")"#
        }
        var members = [#""msg":"\#(words.randomElement(using: &random) ?? "")""#]
        members += keys.shuffled(using: &random).prefix(8).map(member)
        members.append(#""usage":{\#(keys.map(member).joined(separator: ","))}"#)
        members.append(#""json":"{\"seq\":1}""#)
        var text = #"{"_log":true,"# + members.joined(separator: ",") + "}"
        if Int.random(in: 0..<8, using: &random) == 0 {
            text.removeLast(Int.random(in: 0..<text.count, using: &random))
        }
        return text
    }

    @Test("a time that the run cannot have is replaced by that of the reader")
    func times() throws {
        let sink = MemorySink()
        let output = try output(into: sink)
        let believed = StoreSamples.at(60).epochMilliseconds
        let nextYear = StoreSamples.at(400 * 86_400).epochMilliseconds
        for time in ["\(believed)", "1e300", "0", "\(believed / 1000)", "\(nextYear)"] {
            _ = output.receive(line(#"{"_log":true,"msg":"x","ts":\#(time)}"#))
        }
        #expect(sink.entries.map(\.time) == [StoreSamples.at(60), now, now, now, now])
    }

    @Test("parts of transcript lines that never become whole are forgotten, the others are joined")
    func parts() {
        var assembler = TranscriptAssembler()
        let part = String(repeating: "x", count: TranscriptAssembler.limit / 8)
        for sequence in 0..<100 {
            // The same part again takes no more room.
            for _ in 0..<2 {
                let text = assembler.take(["seq": .int(sequence), "part": 1, "of": 1_000_000, "json": .string(part)])
                #expect(text == nil)
            }
            #expect(assembler.size <= TranscriptAssembler.limit)
        }
        #expect(assembler.take(["seq": 100, "part": 1, "of": 2, "json": "a"]) == nil)
        #expect(assembler.take(["seq": 100, "part": 2, "of": 2, "json": "b"]) == "ab")
    }
}
