import Domain
import Foundation
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("Daily budgets under random events")
struct BudgetPropertyTests {
    /// The dearest model call.
    private static let dearest = 0.3
    private static let limit = 1.0

    @Test(
        "over restarts and with runs side by side no more is spent than the limit and the call in flight",
        arguments: 0..<12
    )
    func overspend(round: Int) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let agents = [try agent("a") { $0.scale = 2 }, try agent("b")]
            for _ in 1...3 {
                let scheduler = bench.scheduler(agents) { $0.limits.maxCostPerDay = Self.limit }
                try await bench.running(scheduler) {
                    for _ in 1...8 { try await step(scheduler, bench, &random) }
                }
            }
            let day = BudgetDay(containing: bench.time.date, in: .gmt)
            let spent = try await store.spent(by: nil, from: day.start, to: day.end)
            #expect(spent < Self.limit + Self.dearest, "seed \(seed)")
            let runs = try await store.runs(of: nil, limit: 100)
            #expect(abs(runs.map(\.cost).reduce(0, +) - spent) < 1e-9, "seed \(seed)")
            for run in runs { #expect((run.allowance ?? 9) <= Self.limit, "seed \(seed)") }
        }
    }

    private func step(_ scheduler: Scheduler, _ bench: Bench, _ random: inout SeededGenerator) async throws {
        if Bool.random(using: &random) {
            do {
                _ = try await scheduler.trigger(Bool.random(using: &random) ? "a" : "b", prompt: nil)
            } catch is RefusalError {
                // The day's money is spent.
            }
            return
        }
        guard let run = await bench.runtime.alive.randomElement(using: &random) else { return }
        let before = try await bench.store.run(run.run)?.cost ?? 0
        let cost = Double.random(in: 0.01..<Self.dearest, using: &random)
        await bench.runtime.print(#"{"_log":true,"msg":"turn-usage","model":"m","cost":\#(cost),"ts":1}"#, by: run)
        try await bench.until("counted") {
            guard let record = try await bench.store.run(run.run) else { return false }
            return record.cost > before || record.state.isFinal
        }
        await bench.settle()
    }
}
