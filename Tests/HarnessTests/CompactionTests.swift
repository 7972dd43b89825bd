import Domain
import LanguageModels
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5)))
struct CompactionTests {
    private let tool = FakeTool("t") { _ in ToolOutput(String(repeating: "word ", count: 800)) }

    private func turns(_ count: Int) -> [FakeModel.Turn] { (0..<count).map { _ in .call(call("t")) } }

    @Test("In a small window old messages become a summary and the prompt stays verbatim")
    func compacts() async throws {
        let model = FakeModel(turns(30) + [.say("done")], window: 16_000)
        let bench = SessionBench(model, tools: [tool], prompt: "the very task")
        #expect(await bench.run().outcome == .finished)
        let compactions = model.requests.filter(\.isCompaction)
        #expect(compactions.count >= 2)
        #expect(compactions.allSatisfy { $0.tools.isEmpty && $0.maxOutputTokens == 3200 })
        #expect(bench.userTexts[0] == "the very task")
        #expect(bench.userTexts[1].contains("<summary>\nthe summary"))
        for request in model.requests where !request.isCompaction {
            let size = TokenEstimate.tokens(of: request)
            #expect(size <= 12_000)
            for (message, next) in zip(request.messages, request.messages.dropFirst()) {
                guard case .toolResult = next else { continue }
                if case .user = message { Issue.record("a call was cut from its result") }
            }
        }
        let text = ToolOutput(
            try #require(
                compactions.last.flatMap { request -> [Content]? in
                    if case .user(let user) = request.messages[0] { user.content } else { nil }
                }
            )
        ).text
        #expect(text.contains("<previous-summary>\nthe summary"))
        #expect(bench.events.entries.contains { if case .contextCompacted = $0 { true } else { false } })
    }

    @Test("Without a summary the oldest results make room")
    func noSummary() async {
        let model = FakeModel(turns(30) + [.say("done")], window: 16_000, summary: nil)
        let bench = SessionBench(model, tools: [tool])
        #expect(await bench.run().outcome == .finished)
        #expect(bench.results.first?.text.contains("removed to save room") == true)
        #expect(bench.results.last?.text.hasPrefix("word") == true)
    }

    @Test("Of results that the model has not seen no more make room than must")
    func unseenResults() async {
        // Three of them are a little more than the 12,000 tokens that a request may have.
        let large = FakeTool("t") { _ in ToolOutput(String(repeating: "word ", count: 3300)) }
        let calls = ["a", "b", "c"].map { call("t", id: $0) }
        let model = FakeModel([.call(calls[0], calls[1], calls[2]), .say("done")], window: 16_000, summary: nil)
        let bench = SessionBench(model, tools: [large])
        #expect(await bench.run().outcome == .finished)
        #expect(bench.results.map { $0.text.hasPrefix("word") } == [false, true, true])
    }

    @Test("A summary that was refused or cut off is none", arguments: [StopReason.refusal, .length])
    func unusableSummary(_ stop: StopReason) async {
        let model = FakeModel(
            turns(30) + [.say("done")],
            window: 16_000,
            summary: "This violates the usage policy",
            summaryStop: stop
        )
        let bench = SessionBench(model, tools: [tool])
        let result = await bench.run()
        #expect(result.outcome == .finished)
        #expect(bench.userTexts == ["do it"])
        #expect(bench.results.first?.text.contains("removed to save room") == true)
        // What it cost counts all the same, and is not paid twice.
        #expect(model.requests.filter(\.isCompaction).count == 1)
        #expect(result.usage.input == 1)
    }

    @Test("The output limit shrinks with the room that the window has left")
    func outputLimit() async {
        let big = FakeTool("t") { _ in ToolOutput(String(repeating: "word ", count: 8000)) }
        let model = FakeModel(turns(1) + [.say("done")], window: 40_000, maxOutput: 32_000)
        let bench = SessionBench(model, tools: [big])
        #expect(await bench.run().outcome == .finished)
        #expect(model.requests[0].maxOutputTokens == nil)
        let size = TokenEstimate.tokens(of: model.requests[1])
        #expect(size > 10_000 && model.requests[1].maxOutputTokens == 40_000 - size)
    }

    @Test("The smallest windows end no process", arguments: [1, 2, 3])
    func tinyWindow(_ window: Int) async {
        let model = FakeModel(turns(3) + [.say("done")], window: window)
        #expect(await SessionBench(model, tools: [tool]).run().outcome == .finished)
    }

    @Test("A request refused as too long is repeated after a summary, then without results, then fails")
    func overflow() async throws {
        let small = FakeTool("t") { _ in ToolOutput(String(repeating: "word ", count: 2000)) }
        let overflow = FakeModel.Turn.failure(failure(.overflow, "too long"))
        let model = FakeModel(turns(4) + [overflow, overflow, overflow], window: 20_000)
        let bench = SessionBench(model, tools: [small])
        let result = await bench.run()
        guard case .modelFailed(_, .overflow) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(bench.results.map { $0.text.hasPrefix("word") } == [false, true, true])
        #expect(model.requests.suffix(4).map(\.isCompaction) == [false, true, false, false])
    }

    @Test("After one overflow the run goes on")
    func recovers() async {
        let model = FakeModel(turns(4) + [.failure(failure(.overflow)), .say("done")], window: 6000)
        #expect(await SessionBench(model, tools: [tool]).run().outcome == .finished)
    }

    @Test("A server that silently cuts the prompt is reported once")
    func truncation() async {
        let big = FakeTool("t") { _ in ToolOutput(String(repeating: "word ", count: 10_000)) }
        let usage = TokenUsage(input: 2048, output: 1)
        let model = FakeModel([.call(call("t")), .call(call("t"), usage: usage), .say("x", usage: usage)])
        let bench = SessionBench(model, tools: [big])
        _ = await bench.run()
        let warnings = bench.events.entries.filter { if case .warning = $0 { true } else { false } }
        #expect(warnings.count == 1)
    }

    @Test("Thoughts that do not go back are no sign of a cut prompt")
    func thoughts() async {
        let thinking = Content.thinking(ThinkingContent(text: String(repeating: "word ", count: 10_000)))
        let model = FakeModel([
            .reply([thinking, .toolCall(call("t"))], .toolUse, TokenUsage(input: 4000, output: 12_000)),
            .say("x", usage: TokenUsage(input: 4600, output: 1)),
        ])
        let bench = SessionBench(model, tools: [FakeTool("t") { _ in ToolOutput("x") }])
        _ = await bench.run()
        #expect(!bench.events.entries.contains { if case .warning = $0 { true } else { false } })
    }
}
