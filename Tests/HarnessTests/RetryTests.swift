import Domain
import LanguageModels
import TestSupport
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5)))
struct RetryTests {
    @Test("Rate limits are waited out five times, then the run ends with them")
    func slow() async {
        let bench = SessionBench(FakeModel((0..<6).map { _ in .failure(failure(.rateLimit)) }))
        async let running = bench.run()
        var delays: [Duration] = []
        for _ in 0..<5 { delays.append(await bench.clock.advanceToNextSleeper()) }
        #expect(delays == [30, 60, 120, 240, 300].map { .seconds($0) })
        #expect(await running.outcome == .rateLimited(failure(.rateLimit)))
        let attempts = bench.events.entries.compactMap { event -> Int? in
            if case .retry(let attempt, _, _) = event { attempt } else { nil }
        }
        #expect(attempts == [1, 2, 3, 4, 5])
    }

    @Test("Broken connections are repeated soon, six times, then the run fails")
    func fast() async {
        let bench = SessionBench(FakeModel((0..<7).map { _ in .failure(failure(.transient)) }), random: 0.5)
        async let running = bench.run()
        var delays: [Duration] = []
        for _ in 0..<6 { delays.append(await bench.clock.advanceToNextSleeper()) }
        #expect(delays == [1, 2, 4, 8, 16, 32].map { .seconds($0) })
        guard case .modelFailed(_, .transient) = await running.outcome else {
            Issue.record("not failed")
            return
        }
    }

    @Test("A success makes the next request start afresh, and only the failed request is repeated")
    func fresh() async {
        let model = FakeModel([
            .failure(failure(.overloaded)), .call(call("bash", ["command": "true"])), .failure(failure(.overloaded)),
            .say("ok"),
        ])
        let bench = SessionBench(model)
        async let running = bench.run()
        let delays = [await bench.clock.advanceToNextSleeper(), await bench.clock.advanceToNextSleeper()]
        #expect(delays == [.seconds(30), .seconds(30)])
        #expect(await running.outcome == .finished)
        #expect(model.requests.map(\.messages.count) == [1, 1, 3, 3])
    }

    struct Case: Sendable {
        var error: ModelError
        var random = 0.0
        var timeLeft: Duration?
        var decision: RetryPolicy.Decision
    }

    @Test(
        "One failure is decided on by its class and the provider's wish",
        arguments: [
            Case(error: failure(.rateLimit), random: 0.5, decision: .wait(.milliseconds(31500), attempt: 1)),
            Case(error: failure(.rateLimit, retryAfter: .seconds(90)), decision: .wait(.seconds(90), attempt: 1)),
            Case(error: failure(.rateLimit, retryAfter: .seconds(5)), decision: .wait(.seconds(30), attempt: 1)),
            Case(error: failure(.rateLimit, retryAfter: .seconds(601)), decision: .giveUpOnRate),
            Case(
                error: failure(.rateLimit, retryAfter: .seconds(100)),
                timeLeft: .seconds(150),
                decision: .giveUpOnRate
            ),
            Case(error: failure(.transient), random: 0, decision: .wait(.milliseconds(750), attempt: 1)),
            Case(error: failure(.transient, retryAfter: .seconds(20)), decision: .wait(.seconds(20), attempt: 1)),
            Case(error: failure(.transient, retryAfter: .seconds(3600)), decision: .fail),
            Case(error: failure(.transient, retryAfter: .seconds(100)), timeLeft: .seconds(150), decision: .fail),
            Case(error: failure(.quota), decision: .fail),
            Case(error: failure(.auth), decision: .fail),
            Case(error: failure(.notFound), decision: .fail),
            Case(error: failure(.badRequest), decision: .fail),
            Case(error: failure(.filtered), decision: .fail),
            Case(error: failure(.script), decision: .fail),
        ]
    )
    func decides(_ example: Case) {
        var policy = RetryPolicy()
        let decision = policy.onFailure(example.error, random: example.random, timeLeft: example.timeLeft)
        #expect(decision == example.decision)
    }

    @Test("A failure that no repetition mends ends the run at once, with the provider's words")
    func fails() async {
        let bench = SessionBench(FakeModel([.failure(failure(.auth, "bad key"))]))
        #expect(await bench.run().outcome == .modelFailed("scripted/fake: auth: bad key", .auth))
    }

    @Test("What a request has cost counts although it was cancelled")
    func cancelledCosts() async {
        var error = failure(.transient)
        error.usage = TokenUsage(input: 70, cost: 3)
        let bench = SessionBench(FakeModel([.cancelled(error)]))
        let task = Task { await bench.run() }
        while bench.model.requests.isEmpty { await Task.yield() }
        task.cancel()
        let result = await task.value
        #expect(result.outcome == .cancelled && result.usage.input == 70)
    }

    @Test("Cancelling ends a pause")
    func cancelled() async {
        let bench = SessionBench(FakeModel([.failure(failure(.rateLimit))]))
        let task = Task { await bench.run() }
        await bench.clock.waitForSleepers()
        task.cancel()
        #expect(await task.value.outcome == .cancelled)
    }
}
