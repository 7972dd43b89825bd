import Domain
import LanguageModels
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(1)))
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
}
