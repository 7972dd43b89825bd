import Domain
import LanguageModels
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5)))
struct BudgetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var budget: String
        var limit: Double
        /// Of one reply.
        var step: Double
        var testDescription: String { budget }

        var limits: RunLimits {
            var limits = RunLimits()
            switch budget {
            case "maxTurns": limits.maxTurns = Int(limit)
            case "maxTokensPerRun": limits.maxTokensPerRun = Int(limit)
            default: limits.maxCostPerRun = limit
            }
            return limits
        }

        var usage: TokenUsage {
            TokenUsage(
                input: budget == "maxTokensPerRun" ? Int(step) : 0,
                cost: budget == "maxCostPerRun" ? step : 0
            )
        }
    }

    @Test(
        "At 80 % the model is told once, at 100 % the run ends",
        arguments: [
            Case(budget: "maxTurns", limit: 10, step: 1),
            Case(budget: "maxTokensPerRun", limit: 100_000, step: 10_000),
            Case(budget: "maxCostPerRun", limit: 5, step: 0.5),
        ]
    )
    func budgets(_ example: Case) async {
        let turns = (0..<20).map { _ in FakeModel.Turn.call(call("t"), usage: example.usage) }
        let model = FakeModel(turns, window: 10_000_000)
        let bench = SessionBench(model, tools: [FakeTool("t") { _ in ToolOutput("x") }], limits: example.limits)
        let result = await bench.run()
        let status = BudgetStatus(budget: example.budget, spent: example.limit, limit: example.limit)
        #expect(result.outcome == .budgetSpent(status))
        #expect(model.requests.count == 10)
        #expect(bench.events.entries.filter { $0 == .budgetSpent(status) }.count == 1)
        let warning = BudgetStatus(budget: example.budget, spent: 0.8 * example.limit, limit: example.limit)
        #expect(
            bench.events.entries.filter { if case .budgetWarning = $0 { true } else { false } } == [
                .budgetWarning(warning)
            ]
        )
        #expect(bench.userTexts.filter { $0.contains("Finish what is essential") }.count == 1)
        #expect(model.requests[7].messages.count == 15)
        #expect(model.requests[8].messages.count == 18)
    }

    @Test("A reply that ends the run is a success, even if it used up the budget")
    func lastReply() async {
        var limits = RunLimits()
        limits.maxTurns = 1
        #expect(await SessionBench(FakeModel([.say("done")]), limits: limits).run().outcome == .finished)
    }

    @Test("The output limit shrinks with the token budget, down to 256")
    func outputLimit() {
        var limits = RunLimits()
        let usage = TokenUsage(input: 900)
        #expect(BudgetState(limits).outputLimit(usage, prompt: 10, modelLimit: 8000) == nil)
        limits.maxTokensPerRun = 2000
        #expect(BudgetState(limits).outputLimit(usage, prompt: 100, modelLimit: 8000) == 1000)
        #expect(BudgetState(limits).outputLimit(usage, prompt: 1090, modelLimit: 8000) == 256)
        #expect(BudgetState(limits).outputLimit(usage, prompt: 100, modelLimit: 500) == nil)
    }

    @Test("A cost that is unknown spends no cost budget")
    func unknownCost() {
        var limits = RunLimits()
        limits.maxCostPerRun = 1
        #expect(BudgetState(limits).spent(TokenUsage(cost: nil)) == nil)
    }

    @Test("When a tenth of the time is left the model is told, once")
    func time() async {
        let calls = Log<Bool>()
        let tool = FakeTool("t") { _ in
            calls.add(true)
            return ToolOutput("x")
        }
        let model = FakeModel([.call(call("t")), .call(call("t")), .call(call("t")), .say("ok")])
        let bench = SessionBench(
            model,
            tools: [tool],
            // Of 1000 seconds.
            timeLeft: { .seconds([900, 101, 100, 50][min(calls.entries.count, 3)]) }
        )
        #expect(await bench.run().outcome == .finished)
        let notes = model.requests.map { request in
            request.messages.filter { ToolOutput($0.content).text.contains("seconds are left") }.count
        }
        #expect(notes == [0, 0, 1, 1])
    }

    @Test("What broke after it was billed counts, and nothing more is asked once it has used up the budget")
    func brokenStream() async {
        var limits = RunLimits()
        limits.maxCostPerRun = 1
        var broken = failure(.transient)
        broken.usage = TokenUsage(input: 10, cost: 1.5)
        let model = FakeModel([.failure(broken), .say("never")])
        let bench = SessionBench(model, limits: limits)
        let result = await bench.run()
        #expect(result.outcome == .budgetSpent(BudgetStatus(budget: "maxCostPerRun", spent: 1.5, limit: 1)))
        #expect(result.turns == 0)
        #expect(model.requests.count == 1)
        #expect(
            bench.events.entries.contains(.turnUsage(turn: 0, model: "fake", usage: TokenUsage(input: 10, cost: 1.5)))
        )
    }

    @Test("A summary that uses up the budget is the last request")
    func compaction() async {
        var limits = RunLimits()
        limits.maxTokensPerRun = 2
        let big = FakeTool("t") { _ in ToolOutput(String(repeating: "word ", count: 4000)) }
        let model = FakeModel(Array(repeating: .call(call("t")), count: 9), window: 16_000)
        let result = await SessionBench(model, tools: [big], limits: limits).run()
        #expect(result.outcome == .budgetSpent(BudgetStatus(budget: "maxTokensPerRun", spent: 2, limit: 2)))
        #expect(model.requests.last?.isCompaction == true)
    }

    @Test(
        "A budget is named in what it counts, without the noise of fractions",
        arguments: [
            (BudgetStatus(budget: "maxTurns", spent: 500, limit: 500), "maxTurns is spent: 500 of 500 replies"),
            (
                BudgetStatus(budget: "maxTokensPerRun", spent: 1_000_001, limit: 1_000_000),
                "maxTokensPerRun is spent: 1000001 of 1000000 tokens"
            ),
            (
                BudgetStatus(budget: "maxCostPerRun", spent: 1.0300000000000002, limit: 1),
                "maxCostPerRun is spent: 1.03 of 1 USD"
            ),
        ]
    )
    func sentence(_ status: BudgetStatus, _ text: String) {
        #expect(status.sentence == text)
    }
}
