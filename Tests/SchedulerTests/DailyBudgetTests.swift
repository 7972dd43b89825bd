import Domain
import Foundation
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("Daily budgets")
struct DailyBudgetTests {
    /// The line of a model reply.
    private func reply(_ cost: Double, turn: Int = 1) -> String {
        #"{"_log":true,"level":"debug","msg":"turn-usage","turn":\#(turn),"model":"m","cost":\#(cost),"ts":1}"#
    }

    private func limited(_ name: String = "dev", _ limit: Double?, perRun: Double? = nil) throws -> AgentConfig {
        try agent(name) {
            $0.limits.maxCostPerDay = limit
            $0.limits.maxCostPerRun = perRun
        }
    }

    @Test(
        "an allowance is the least of what is left and what a run may cost",
        arguments: [
            ([], 2.0, nil), ([], nil, nil), ([(10, 4)], nil, 6), ([(10, 4)], 2, 2), ([(10, 4), (5, 1)], nil, 4),
            ([(10, 4), (5, 1)], 9, 4), ([(10, 10)], 2, 0), ([(10, 1), (5, 7)], nil, 0), ([(1, 0.9999999999)], nil, 0),
        ] as [([(Double, Double)], Double?, Double?)]
    )
    func allowance(budgets: [(Double, Double)], perRun: Double?, expected: Double?) {
        let budgets = budgets.map { DailyBudget(agent: nil, limit: $0.0, spent: $0.1, dayEnd: .distantFuture) }
        #expect(Allowance(budgets: budgets, perRun: perRun).amount == expected)
    }

    @Test(
        "a day is that of its zone, however long it is",
        arguments: [
            ("UTC", 1_768_471_200, 36_000, 86_400), ("Asia/Kolkata", 1_768_471_200, 55_800, 86_400),
            ("Europe/Berlin", 1_774_778_400, 39_600, 82_800), ("Europe/Berlin", 1_792_922_400, 43_200, 90_000),
        ] as [(String, Double, Double, Double)]
    )
    func day(zone: String, time: Double, sinceStart: Double, length: Double) throws {
        let date = Date(timeIntervalSince1970: time)
        let day = BudgetDay(containing: date, in: try #require(TimeZone(identifier: zone)))
        #expect(date.timeIntervalSince(day.start) == sinceStart)
        #expect(day.end.timeIntervalSince(day.start) == length)
    }

    @Test("a run is told what it may cost, only where a daily budget says so")
    func told() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let agents = [try limited("a", 10, perRun: 2), try limited("b", 10), try limited("c", nil, perRun: 1)]
            let scheduler = bench.scheduler(agents)
            try await bench.running(scheduler) {
                for name in ["a", "b", "c"] { _ = try await scheduler.trigger(name, prompt: nil) }
                _ = try await bench.launched(3)
            }
            let told = await bench.runtime.launches.map { $0.environment["AL_COST_ALLOWANCE"] }
            #expect(told == ["2.0", "10.0", nil])
        }
    }

    @Test("at the limit the run is told to stop and ends failed(17); until the day ends nothing starts")
    func spent() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let cron = try CronSchedule("*/10 * * * *")
            var dev = try limited("dev", 1)
            dev.schedule = cron
            dev.timezone = "UTC"
            let scheduler = bench.scheduler([dev, try agent("caller") { $0.webhooks = [] }])
            try await bench.running(scheduler) {
                let caller = try #require(try await scheduler.trigger("caller", prompt: nil).instance)
                let run = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                _ = try await bench.launched(2)
                await bench.runtime.print(reply(0.4), by: run)
                try await bench.until("counted") { try await store.run(run.run)?.cost == 0.4 }
                #expect(await bench.runtime.kills.isEmpty)
                await bench.runtime.print(reply(0.7, turn: 2), by: run)
                let record = try await bench.ended(run)
                #expect(record.state == .failed)
                #expect(record.outcome?.exitCode == 17)
                #expect(record.outcome?.reason == "daily budget of agent \"dev\" is spent")
                #expect(record.cost == 1.1)
                #expect(record.models == ["m"])
                #expect(await bench.runtime.kills.map(\.grace) == [.seconds(10)])

                let refusal = RefusalError(code: .conflict, reason: "daily budget of agent \"dev\" is spent")
                await #expect(throws: refusal) { try await scheduler.trigger("dev", prompt: nil) }
                await #expect(throws: refusal) { try await scheduler.call("dev", context: "", by: caller) }
                #expect(try await scheduler.accept(delivery(1)).matched == 1)
                try await bench.advance(until: "slot", by: .seconds(10)) { try await bench.slots().count == 1 }
                #expect(try await bench.slots() == ["skipped budget"])
                #expect(await bench.runtime.launches.count == 2)
                // 22:13 and a little more: the day ends in less than two hours.
                try await bench.advance(until: "the next day", by: .seconds(30)) {
                    await bench.runtime.launches.count > 2
                }
                #expect(bench.time.date.timeIntervalSince1970 >= 1_700_006_400)
            }
        }
    }

    @Test("the project's budget stops the runs of all agents")
    func project() async throws {
        try await withScheduler(
            of: [try agent("a"), try agent("b")],
            config: { $0.limits.maxCostPerDay = 1 }
        ) { bench, scheduler in
            let first = try await bench.runUp("a", by: scheduler)
            let second = try await bench.runUp("b", by: scheduler)
            await bench.runtime.print(reply(0.5), by: first)
            await bench.runtime.print(reply(0.5), by: second)
            for run in [first, second] {
                let record = try await bench.ended(run)
                #expect(record.outcome?.exitCode == 17)
                #expect(record.outcome?.reason == "daily budget of the project is spent")
            }
            await #expect(throws: RefusalError.self) { try await scheduler.trigger("a", prompt: nil) }
            let spent = try await scheduler.spentBudgets()
            #expect(spent.map(\.agent) == [nil] && spent.map(\.limit) == [1])
        }
    }

    @Test("what was spent is remembered over a restart, and a line read again is not counted again")
    func restart() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try limited("dev", 1)
            let old = bench.scheduler([dev])
            var instance: InstanceID?
            try await bench.running(old) {
                instance = try await old.trigger("dev", prompt: nil).instance
                let run = try #require(instance)
                _ = try await bench.launched(1)
                await bench.runtime.print(reply(0.6), by: run)
                try await bench.until("counted") { try await store.run(run.run)?.cost == 0.6 }
            }
            let run = try #require(instance)
            let new = bench.scheduler([dev])
            try await bench.running(new) {
                try await bench.adopted(run, by: new)
                await bench.settle()
                #expect(try await store.run(run.run)?.cost == 0.6)
                await bench.runtime.finish(run)
                _ = try await bench.ended(run)
                _ = try await new.trigger("dev", prompt: nil)
                _ = try await bench.launched(2)
            }
            let told = await bench.runtime.launches.map { $0.environment["AL_COST_ALLOWANCE"] }
            #expect(told == ["1.0", "0.4"])
        }
    }

    @Test("a chain of reruns ends when the day's money is spent")
    func reruns() async throws {
        try await withTemporaryStore { store in
            let line = reply(0.6)
            let bench = Bench(store) { _ in .init(lines: [line], exitCode: 42) }
            let scheduler = bench.scheduler([try limited("dev", 1)])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                try await bench.until("idle") {
                    let isIdle = try await scheduler.status().agents[0].runningCount == 0
                    return await bench.runtime.launches.count == 2 && isIdle
                }
                await bench.settle()
            }
            #expect(await bench.runtime.launches.count == 2)
        }
    }

    @Test("costs that no reply told are counted at the end of the run")
    func totals() async throws {
        try await withTemporaryStore { store in
            let total =
                #"{"_log":true,"level":"info","msg":"token-usage","inputTokens":7,"cost":2,"turnCount":1,"ts":7}"#
            let bench = Bench(store) { _ in .init(lines: [total], exitCode: 0) }
            let scheduler = bench.scheduler([try limited("dev", 1)])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: nil)
                _ = try await bench.ended(try await bench.launched(1))
                await #expect(throws: RefusalError.self) { try await scheduler.trigger("dev", prompt: nil) }
            }
        }
    }
}
