import Domain
import Foundation
import LanguageModels
import TestSupport
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5)))
struct ReplayTests {
    private func record(_ bench: SessionBench, _ result: SessionResult) throws -> RecordedRun {
        var result = result
        let end = result.transcript.end(outcome: "x", exitCode: 0, usage: result.usage)
        let lines = bench.events.entries.compactMap { if case .transcript(let line) = $0 { line } else { nil } } + [end]
        return try RecordedRun(parsing: lines.map(\.compactText).joined(separator: "\n") + "\n")
    }

    private func replay(_ run: RecordedRun, _ tools: Replay.Tools = .recorded) async -> ReplayReport {
        await Replay(run, tools: tools, now: { Date(timeIntervalSince1970: 99) }).compare()
    }

    /// Conversations that go every way a conversation can go.
    enum Course: String, CaseIterable, Sendable {
        case plain, parallel, failing, invalid, cutOff, pause, nudge, refusal, budget, compaction, noSummary, overflow
        case contextFull, hopeless, guarded, signalled, retried, brokenStream, timeNote, secret, image, failed

        var turns: [FakeModel.Turn] {
            let big = FakeModel.Turn.call(call("t", ["big": true]))
            let six = [FakeModel.Turn](repeating: big, count: 6)
            let use = FakeModel.Turn.call(call("t", ["n": 1]), usage: TokenUsage(input: 10, output: 5, cost: 0.1))
            switch self {
            case .plain: return [use, .say("done")]
            case .parallel, .failing:
                return [
                    .call(call("t", ["n": 1], id: "a"), call("bad", id: "b"), call("t", ["n": 2], id: "c")), .say("ok"),
                ]
            case .invalid: return [.call(call("nothing")), .call(call("t", "text")), use, .say("ok")]
            case .cutOff:
                return [.call(call("t", id: "1"), call("t", id: "2"), stop: .length), .say("half", .length), .say("x")]
            case .pause: return [.say("wait", .pause), .say("ok")]
            case .nudge: return [.say(""), .say("")]
            case .refusal: return [use, .say("never", .refusal)]
            case .budget: return Array(repeating: use, count: 12)
            case .compaction, .noSummary:
                return [FakeModel.Turn](repeating: big, count: 30) + [.say("ok")]
            case .overflow:
                return six + [
                    .failure(HarnessTests.failure(.overflow)), .failure(HarnessTests.failure(.overflow)),
                    .say("ok"),
                ]
            case .contextFull:
                return six + [.reply([], .contextFull, TokenUsage(input: 900, cost: 0.2)), .say("ok")]
            case .hopeless: return [FakeModel.Turn](repeating: .call(call("nothing")), count: 3)
            case .guarded: return [.call(call("bad", id: "1"), call("bad", id: "2"), call("bad", id: "3"))]
            case .signalled: return [use, .call(call("stop", id: "9")), .say("never")]
            case .retried: return [.failure(HarnessTests.failure(.transient)), use, .say("ok")]
            case .brokenStream:
                var error = HarnessTests.failure(.transient)
                error.usage = TokenUsage(input: 70, cost: 3)
                return [use, .failure(error), use, .say("ok")]
            case .timeNote: return [use, use, use, .say("ok")]
            case .secret: return [.call(call("leak", ["word": "s3cret"])), .say("I saw s3cret")]
            case .image: return [.call(call("show")), .say("nice")]
            case .failed: return [use, .failure(HarnessTests.failure(.auth))]
            }
        }

        var window: Int {
            switch self {
            case .compaction, .noSummary: 16_000
            case .overflow, .contextFull: 40_000
            default: 200_000
            }
        }
    }

    private func bench(_ course: Course) -> SessionBench {
        let stopped = Log<Bool>()
        let times = Log<Bool>()
        let tools: [any Tool] = [
            FakeTool(
                "t",
                schema: ToolSchema.object(["n": ToolSchema.number("n"), "big": ToolSchema.boolean("b")], required: [])
            ) {
                times.add(true)
                return ToolOutput($0["big"] == nil ? "x" : String(repeating: "word ", count: 800))
            },
            FakeTool("bad") { _ in ToolOutput("Permission denied", isError: true) },
            FakeTool("stop") { _ in
                stopped.add(true)
                return ToolOutput("bye")
            },
            FakeTool("leak") { _ in ToolOutput("it is s3cret") },
            FakeTool("show") { _ in ToolOutput([.text("see"), .image(ImageContent(mime: "image/png", base64: "aGk="))])
            },
        ]
        var limits = RunLimits()
        if course == .budget || course == .brokenStream { limits.maxCostPerRun = course == .budget ? 1 : 4 }
        let redact: Redactor = { text in
            text.contains("s3cret") ? (text.replacingOccurrences(of: "s3cret", with: "[r]"), ["key.token"]) : (text, [])
        }
        return SessionBench(
            FakeModel(course.turns, window: course.window, summary: course == .noSummary ? nil : "the summary"),
            tools: tools,
            limits: limits,
            redact: redact,
            timeLeft: { course == .timeNote && times.entries.count > 1 ? .seconds(50) : .seconds(900) },
            stopRequested: { !stopped.entries.isEmpty }
        )
    }

    @Test("The record of a run replays identical", arguments: Course.allCases)
    func identical(_ course: Course) async throws {
        let bench = self.bench(course)
        async let running = bench.run()
        if course == .retried || course == .brokenStream { _ = await bench.clock.advanceToNextSleeper() }
        let result = await running
        let report = await replay(try record(bench, result))
        #expect(report.difference == nil)
        #expect(report.turns == result.turns)
        #expect(report.turns > 0)
    }

    @Test("So does that of a chain whose models failed, one of them for money")
    func chain() async throws {
        var quota = failure(.quota)
        quota.usage = TokenUsage(input: 70, cost: 0.2)
        let use = FakeModel.Turn.call(call("t", ["n": 1]), usage: TokenUsage(input: 10, cost: 0.3))
        var limits = RunLimits()
        limits.maxCostPerRun = 1
        let bench = SessionBench(
            FakeModel([use, .failure(quota)]),
            and: [
                FakeModel([.failure(failure(.auth))], id: "second"), FakeModel([use, use, .say("never")], id: "third"),
            ],
            tools: [FakeTool("t") { _ in ToolOutput("x") }],
            limits: limits
        )
        let result = await bench.run()
        let run = try record(bench, result)
        #expect(run.lines.filter { $0["type"] == "model" }.map { $0["to"] } == ["scripted/second", "scripted/third"])
        let report = await replay(run)
        #expect(report.difference == nil)
        #expect(report.turns == result.turns && result.turns == 3)
    }

    @Test("A killed run's record, which ends anywhere, replays identical", arguments: 2..<9)
    func cutShort(_ lines: Int) async throws {
        let bench = self.bench(.parallel)
        let whole = try record(bench, await bench.run())
        let kept = ([whole.header] + whole.lines).prefix(lines).map(\.compactText).joined(separator: "\n")
        let run = try RecordedRun(parsing: kept + "\n{\"seq\":9,\"ty")
        #expect(await replay(run).difference == nil)
    }

    @Test(
        "A changed line is found, with its turn",
        arguments: [
            (#""text":"done""#, #""text":"gone""#, "sha256", 0), (#""text":"x""#, #""text":"y""#, "sha256", 2),
            (#""n":1"#, #""n":2"#, "sha256", 2),
            (#""content":[{"type":"text","text":"do it"}]"#, #""content":[]"#, "said", 1),
        ]
    )
    func different(_ old: String, _ new: String, _ what: String, _ turn: Int) async throws {
        let bench = self.bench(.plain)
        let whole = try record(bench, await bench.run())
        let text = ([whole.header] + whole.lines).map(\.compactText).joined(separator: "\n")
        #expect(text.contains(old))
        let report = await replay(try RecordedRun(parsing: text.replacingOccurrences(of: old, with: new)))
        if turn > 0 {
            #expect(report.difference?.turn == turn)
            #expect(report.difference?.what.contains(what) == true)
        } else {
            // The last reply is in no request: there is nothing to hold it against.
            #expect(report.difference == nil)
        }
    }

    @Test("Real tools run where they are told to; a result that differs is shown then and now")
    func real() async throws {
        try await withDirectory { directory in
            let model = FakeModel([
                .call(call("bash", ["command": "cat f"], id: "1")),
                .call(call("bash", ["command": "cat g"], id: "2"), call("ls", id: "3")), .say("ok"),
            ])
            try write(["f": "one", "g": "two"], below: directory)
            let bench = SessionBench(model, directory: directory)
            let run = try record(bench, await bench.run())
            #expect(await replay(run, .real(toolContext(directory))) == ReplayReport(turns: 3, calls: 3))
            try write(["g": "three"], below: directory)
            let report = await replay(run, .real(toolContext(directory)))
            #expect(
                report.difference
                    == ReplayReport.Difference(turn: 3, what: "result of bash", recorded: "two", replayed: "three")
            )
            #expect(report.turns == 2)
        }
    }

    @Test("A run that went on with a smaller model replays identical")
    func smallerModel() async throws {
        let tool = FakeTool("t") { _ in ToolOutput(String(repeating: "word ", count: 800)) }
        let use = FakeModel.Turn.call(call("t"))
        let first = FakeModel([use, use, .failure(HarnessTests.failure(.quota))])
        let second = FakeModel([FakeModel.Turn](repeating: use, count: 20) + [.say("ok")], id: "small", window: 16_000)
        let bench = SessionBench(first, and: [second], tools: [tool])
        let run = try record(bench, await bench.run())
        #expect(run.lines.contains { $0["type"] == "compaction" })
        #expect(await replay(run).difference == nil)
    }

    @Test("A summary of no use is met again in a replay", arguments: [StopReason.refusal, .length])
    func unusableSummary(_ stop: StopReason) async throws {
        let tool = FakeTool("t") { _ in ToolOutput(String(repeating: "word ", count: 800)) }
        let model = FakeModel(
            [FakeModel.Turn](repeating: .call(call("t")), count: 30) + [.say("ok")],
            window: 16_000,
            summaryStop: stop
        )
        let bench = SessionBench(model, tools: [tool])
        let run = try record(bench, await bench.run())
        #expect(await replay(run).difference == nil)
    }

    @Test("A picture is known by the hash of its bytes")
    func pictures() {
        let message = Message.user(
            UserMessage([.image(ImageContent(mime: "image/png", base64: "aGk="))], timestamp: 1)
        )
        // printf hi | sha256sum
        let hash: JSONValue = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
        #expect(message.json["content"]?[0] == ["type": "image", "mime": "image/png", "bytes": 2, "sha256": hash])
    }

    @Test(
        "What is no transcript is named with its line",
        arguments: [
            ("", RecordedRunError(code: .noSession, line: 1)), ("{}\n", RecordedRunError(code: .noSession, line: 1)),
            ("{\"type\":\"session\",\"v\":2}\n", RecordedRunError(code: .unknownVersion, line: 1)),
            ("{\"type\":\"session\",\"v\":1}\nx\n{}\n", RecordedRunError(code: .brokenLine, line: 2)),
        ]
    )
    func broken(_ text: String, _ error: RecordedRunError) {
        #expect(throws: error) { try RecordedRun(parsing: text) }
    }

    @Test("A record restores the conversation: compactions done, open calls answered, pictures told")
    func restores() async throws {
        let bench = self.bench(.compaction)
        let run = try record(bench, await bench.run())
        let history = run.conversation
        #expect(history.count < run.messages.count)
        #expect(ToolOutput(history[0].content).text == "do it")
        #expect(ToolOutput(history[1].content).text.contains("<summary>\nthe summary"))
        #expect(history.last?.role == "assistant")
        let next = FakeModel([.say("and on")])
        let events = Log<SessionEvent>()
        let session = Session(
            model: next,
            context: toolContext("/tmp"),
            system: "s",
            prompt: "more",
            clock: TestClock(),
            now: { Date(timeIntervalSince1970: 1) },
            random: { 0 },
            history: history,
            onEvent: { events.add($0) }
        )
        #expect(await session.run().outcome == .finished)
        // What was said before was told before.
        #expect(events.entries.filter { if case .messageStart = $0 { true } else { false } }.count == 2)
        #expect(Array(next.requests[0].messages.dropLast()) == history)

        let open = self.bench(.image)
        let image = try record(open, await open.run())
        let lines = ([image.header] + image.lines).filter { $0["message"]?["role"] != "toolResult" }
        let cut = try RecordedRun(parsing: lines.map(\.compactText).joined(separator: "\n") + "\n")
        #expect(cut.conversation.contains { ToolOutput($0.content).text == "no result: the run ended" })
        #expect(
            image.conversation.contains { ToolOutput($0.content).text == "see\n[image/png picture, no longer at hand]" }
        )
    }

    @Test("A script written from a record plays the same conversation", arguments: [true, false])
    func script(_ isStrict: Bool) async throws {
        let model = FakeModel([
            .reply(
                [
                    .thinking(ThinkingContent(text: "hm {{x}}")),
                    .text("Say \"it\"\u{2028}\n{{{{ok\u{7F}\u{9B}\u{FFFE}"),
                    .toolCall(call("t", ["n": 1, "s": "a{{b"], id: "1")), .toolCall(call("bad", id: "2")),
                ],
                .toolUse,
                TokenUsage(input: 7, output: 3, cacheRead: 2, cacheWrite: 1)
            ),
            .say("half", .length), .say("done"),
        ])
        let tools: [any Tool] = [
            FakeTool(
                "t",
                schema: ToolSchema.object(["n": ToolSchema.number("n"), "s": ToolSchema.string("s")], required: [])
            ) {
                ToolOutput("got {{\($0["s"]?.stringValue ?? "")}}")
            },
            FakeTool("bad") { _ in ToolOutput("no", isError: true) },
        ]
        let bench = SessionBench(model, tools: tools)
        let run = try record(bench, await bench.run())
        let text = ScriptRecording(run, isStrict: isStrict).text(trigger: .manual(prompt: nil))
        let script = try Script(parsing: text, file: "recorded.yaml")
        #expect(script.contextWindow == 200_000)
        #expect(text.contains("equals") == isStrict)
        #expect(text.contains(#""trigger":"manual""#))
        try await withDirectory { directory in
            try write(["s.yaml": text], below: directory)
            let events = try await play(directory + "/s.yaml", tools)
            let again = try RecordedRun(parsing: events.map(\.compactText).joined(separator: "\n") + "\n")
            #expect(
                again.messages.map { ToolOutput($0.content).text } == run.messages.map { ToolOutput($0.content).text }
            )
            #expect(again.messages.compactMap(\.arguments) == run.messages.compactMap(\.arguments))
        }
    }

    @Test("A script written from a record of an event plays for later events of its kind")
    func scriptOfAnEvent() async throws {
        let bench = SessionBench(FakeModel([.say("done")]))
        let run = try record(bench, await bench.run())
        let context: JSONValue = [
            "action": "opened", "timestamp": "2026-01-01T00:00:00Z", "receiptId": "01a2192a-c426-7000",
        ]
        let facts = WebhookTriggerFacts(deliveryID: "d", source: "hook", event: "issues", context: context)
        let text = ScriptRecording(run, isStrict: false).text(trigger: .webhook(facts))
        #expect(text.contains(#""context":{"action":"opened"}"#))
    }

    private func play(_ path: String, _ tools: [any Tool]) async throws -> [JSONValue] {
        let events = Log<JSONValue>()
        let client = HTTPRoutes(.direct)
        let model = try makeLanguageModel(
            ModelConfig(provider: .scripted, model: "s.yaml"),
            key: nil,
            in: ModelEnvironment(
                facts: ScriptFacts(
                    agent: "tester",
                    trigger: .manual(prompt: nil),
                    params: [:],
                    date: "",
                    scriptPaths: ["s.yaml": path]
                ),
                http: client,
                clock: ContinuousClock(),
                now: { Date(timeIntervalSince1970: 1) },
                random: { 0 },
                version: "1"
            )
        )
        _ = await Session(
            model: model,
            tools: ToolRegistry(tools),
            context: toolContext("/tmp"),
            system: "be good",
            prompt: "do it",
            header: ["v": 1],
            clock: ContinuousClock(),
            now: { Date(timeIntervalSince1970: 1) },
            random: { 0 },
            onEvent: { if case .transcript(let line) = $0 { events.add(line) } }
        ).run()
        await client.shutdown()
        return events.entries
    }
}

extension Message {
    fileprivate var arguments: [JSONValue]? {
        if case .assistant(let reply) = self { reply.toolCalls.map(\.arguments) } else { nil }
    }
}
