import Domain
import Foundation
import LanguageModels
import TestSupport
import Testing

@testable import Harness
@testable import LanguageModels

/// Budgets hold for a chain of models as they do for one.
@Suite("Budgets of a chain of models", .timeLimit(.minutes(5)))
struct FallbackBudgetTests {
    private static func broken(_ code: ModelError.Code, cost: Double?, retryAfter: Duration? = nil) -> FakeModel.Turn {
        var error = failure(code, "stopped", retryAfter: retryAfter)
        error.usage = cost.map { TokenUsage(input: 10, cost: $0) }
        return .failure(error)
    }

    @Test("what a failed model was billed counts before the next one is asked")
    func notAsked() async {
        var limits = RunLimits()
        limits.maxCostPerRun = 1
        let second = FakeModel([.say("never")], id: "second")
        let bench = SessionBench(FakeModel([Self.broken(.quota, cost: 1.2)]), and: [second], limits: limits)
        let status = BudgetStatus(budget: "maxCostPerRun", spent: 1.2, limit: 1)
        #expect(await bench.run().outcome == .budgetSpent(status))
        #expect(second.requests == [])
        #expect(bench.events.entries.contains(.budgetSpent(status)))
        #expect(!bench.events.entries.contains { if case .modelFallback = $0 { true } else { false } })
    }

    @Test("the second model spends what the first one left, and is told when most of it is gone")
    func shared() async {
        var limits = RunLimits()
        limits.maxCostPerRun = 1
        let half = TokenUsage(input: 1, cost: 0.5)
        let first = FakeModel([.call(call("t"), usage: half), Self.broken(.overloaded, cost: 0.3)])
        let second = FakeModel(
            [.call(call("t"), usage: TokenUsage(input: 1, cost: 0.15)), .call(call("t"), usage: half), .say("never")],
            id: "second"
        )
        let bench = SessionBench(first, and: [second], tools: [FakeTool("t") { _ in ToolOutput("x") }], limits: limits)
        let result = await bench.run()
        guard case .budgetSpent(let status) = result.outcome else {
            Issue.record("ended with \(result.outcome)")
            return
        }
        #expect(abs(status.spent - 1.45) < 1e-9)
        #expect(second.requests.count == 2 && result.turns == 3)
        let told = second.requests.map { $0.messages.filter { ToolOutput($0.content).text.contains("USD are left") } }
        #expect(told.map(\.count) == [0, 1])
        let models = bench.events.entries.compactMap { event in
            if case .turnUsage(_, let model, _) = event { model } else { nil }
        }
        #expect(models == ["fake", "fake", "second", "second"])
    }

    @Test("a short wait for the same model is accounted for too, and is one of the run's waits")
    func shortWait() async {
        let first = FakeModel([Self.broken(.rateLimit, cost: 0.1, retryAfter: .seconds(3)), .say("ok")])
        let bench = SessionBench(first, and: [FakeModel([], id: "second")])
        async let running = bench.run()
        #expect(await bench.clock.advanceToNextSleeper() == .seconds(3))
        let result = await running
        #expect(result.outcome == .finished && result.usage.input == 10)
        let retries = bench.events.entries.filter { if case .retry(1, .seconds(3), _) = $0 { true } else { false } }
        #expect(retries.count == 1)
    }

    @Test("over random conversations no budget is overspent by more than one request", arguments: 0..<4)
    func overspend(_ seed: Int) async {
        var random = SeededGenerator(state: UInt64(1000 + seed))
        for _ in 0..<250 {
            var limits = RunLimits()
            limits.maxCostPerRun = .random(in: 0.1...2, using: &random)
            let models = (0..<3).map { _ in
                FakeModel((0..<8).map { _ in Self.turn(&random) }, keepsRequests: false)
            }
            let spent = Log<TokenUsage>()
            let result = await Session(
                model: FallbackModel(models, clock: ImmediateClock()),
                tools: ToolRegistry([FakeTool("t") { _ in ToolOutput("x") }]),
                context: toolContext("/tmp"),
                system: "s",
                prompt: "p",
                limits: limits,
                clock: ImmediateClock(),
                now: { .init(timeIntervalSince1970: 1) },
                random: { 0 },
                onEvent: { if case .turnUsage(_, _, let usage) = $0 { spent.add(usage) } }
            ).run()
            let before = spent.entries.dropLast().reduce(0) { $0 + ($1.cost ?? 0) }
            #expect(before < limits.maxCostPerRun ?? 0, "seed \(seed)")
            #expect(spent.entries.reduce(TokenUsage()) { $0 + $1 }.total == result.usage.total, "seed \(seed)")
        }
    }

    /// A reply, or a failure that makes a chain go on, each with its price.
    private static func turn(_ random: inout SeededGenerator) -> FakeModel.Turn {
        let cost = Double.random(in: 0...0.5, using: &random)
        let codes: [ModelError.Code] = [.overloaded, .rateLimit, .quota, .notFound, .transient]
        return Bool.random(using: &random)
            ? broken(codes[Int.random(in: 0..<codes.count, using: &random)], cost: cost)
            : .call(call("t"), usage: TokenUsage(input: 100, output: 10, cost: cost))
    }
}
