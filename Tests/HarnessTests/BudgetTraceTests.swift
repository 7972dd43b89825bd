import Domain
import Foundation
import LanguageModels
import TestSupport
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5)))
struct BudgetTraceTests {
    /// One conversation made of random replies, failures and budgets.
    private struct Trace {
        var turns: [FakeModel.Turn] = []
        var limits = RunLimits()
        /// Tokens and cost of the dearest request.
        var mostTokens = 0
        var mostCost = 0.0

        init(_ random: inout SeededGenerator) {
            if Bool.random(using: &random) { limits.maxTurns = .random(in: 1...12, using: &random) }
            if Bool.random(using: &random) { limits.maxTokensPerRun = .random(in: 1...20_000, using: &random) }
            if Bool.random(using: &random) { limits.maxCostPerRun = .random(in: 0.01...2, using: &random) }
            for _ in 0..<Int.random(in: 1...25, using: &random) {
                let usage = TokenUsage(
                    input: .random(in: 0...3000, using: &random),
                    output: .random(in: 0...1000, using: &random),
                    cacheRead: .random(in: 0...1000, using: &random),
                    cost: .random(in: 0...0.4, using: &random)
                )
                mostTokens = max(mostTokens, usage.total)
                mostCost = max(mostCost, usage.cost ?? 0)
                turns.append(Self.turn(usage, &random))
            }
        }

        private static func turn(_ usage: TokenUsage, _ random: inout SeededGenerator) -> FakeModel.Turn {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                var error = failure(.transient)
                error.usage = usage
                return .failure(error)
            case 1: return .say("done", usage: usage)
            case 2: return .say("cut", .length, usage: usage)
            case 3: return .say("", .pause, usage: usage)
            case 4: return .reply([], .contextFull, usage)
            default: return .call(call("t"), call("t"), usage: usage)
            }
        }
    }

    @Test("Over 10,000 random conversations no budget is overspent by more than one request", arguments: 0..<20)
    func overspend(_ seed: Int) async {
        var random = SeededGenerator(state: UInt64(seed))
        let tool = FakeTool("t") { _ in ToolOutput("x") }
        for _ in 0..<500 {
            let trace = Trace(&random)
            let model = FakeModel(trace.turns, keepsRequests: false)
            let spent = Log<TokenUsage>()
            let outcome = await Session(
                model: model,
                tools: ToolRegistry([tool]),
                context: toolContext("/tmp"),
                system: "s",
                prompt: "p",
                limits: trace.limits,
                clock: ImmediateClock(),
                now: { .init(timeIntervalSince1970: 1) },
                random: { 0 },
                onEvent: { if case .turnUsage(_, _, let usage) = $0 { spent.add(usage) } }
            ).run()
            let limits = trace.limits
            #expect(outcome.turns <= limits.maxTurns, "seed \(seed)")
            // The request that crossed the line is the last one: without it every budget had something left.
            let before = spent.entries.dropLast().reduce(TokenUsage()) { $0 + $1 }
            if let limit = limits.maxTokensPerRun {
                #expect(before.total < limit, "seed \(seed)")
                #expect(outcome.usage.total < limit + max(trace.mostTokens, 2), "seed \(seed)")
            }
            if let limit = limits.maxCostPerRun {
                #expect((before.cost ?? 0) < limit, "seed \(seed)")
                #expect((outcome.usage.cost ?? 0) < limit + max(trace.mostCost, 0.001), "seed \(seed)")
            }
        }
    }
}
