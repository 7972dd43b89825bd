import Domain
import TestSupport
import Testing

@testable import LanguageModels

@Suite("Choosing a model of a chain")
struct FallbackChainTests {
    private func error(_ code: ModelError.Code, wait: Duration? = nil) -> ModelError {
        ModelError(code: code, provider: .custom, model: "m", message: "x", retryAfter: wait)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let code: ModelError.Code
        let wait: Duration?
        let decision: FallbackChain.Decision
        /// When the first model may be asked again.
        let rest: Duration
        var testDescription: String { "\(code) \(wait.map { "\($0)" } ?? "without a wait")" }
    }

    @Test(
        "what happens to a model that is not the last",
        arguments: [
            Case(code: .rateLimit, wait: nil, decision: .again(after: .seconds(1)), rest: .zero),
            Case(code: .rateLimit, wait: .seconds(5), decision: .again(after: .seconds(5)), rest: .zero),
            Case(code: .rateLimit, wait: .milliseconds(5001), decision: .next(1), rest: .milliseconds(5001)),
            Case(code: .rateLimit, wait: .seconds(900), decision: .next(1), rest: .seconds(900)),
            Case(code: .overloaded, wait: nil, decision: .next(1), rest: .seconds(60)),
            Case(code: .quota, wait: nil, decision: .next(1), rest: .seconds(60)),
            Case(code: .auth, wait: nil, decision: .next(1), rest: .seconds(60)),
            Case(code: .notFound, wait: nil, decision: .next(1), rest: .seconds(60)),
            Case(code: .transient, wait: nil, decision: .fail, rest: .zero),
            Case(code: .transient, wait: .seconds(5), decision: .fail, rest: .zero),
            Case(code: .transient, wait: .seconds(3600), decision: .next(1), rest: .seconds(3600)),
            Case(code: .overflow, wait: nil, decision: .fail, rest: .zero),
            Case(code: .badRequest, wait: nil, decision: .fail, rest: .zero),
            Case(code: .filtered, wait: nil, decision: .fail, rest: .zero),
            Case(code: .script, wait: nil, decision: .fail, rest: .zero),
        ]
    )
    func first(sample: Case) {
        var chain = FallbackChain(count: 2)
        #expect(chain.onFailure(of: 0, error(sample.code, wait: sample.wait), at: .seconds(10)) == sample.decision)
        let end = .seconds(10) + sample.rest
        if sample.rest > .zero { #expect(chain.selection(at: end - .milliseconds(1)) == 1) }
        #expect(chain.selection(at: end) == 0)
    }

    @Test("the second rate limit in a row is one too many, unless a reply came between")
    func secondRateLimit() {
        var chain = FallbackChain(count: 2)
        #expect(chain.onFailure(of: 0, error(.rateLimit), at: .zero) == .again(after: .seconds(1)))
        chain.onSuccess()
        #expect(chain.onFailure(of: 0, error(.rateLimit), at: .zero) == .again(after: .seconds(1)))
        #expect(chain.onFailure(of: 0, error(.rateLimit), at: .zero) == .next(1))
        #expect(chain.selection(at: .seconds(59)) == 1)
    }

    @Test("transient failures are the caller's to repeat six times; the seventh is an outage")
    func outage() {
        var chain = FallbackChain(count: 2)
        for _ in 0..<6 { #expect(chain.onFailure(of: 0, error(.transient), at: .zero) == .fail) }
        #expect(chain.onFailure(of: 0, error(.transient), at: .zero) == .next(1))
        // One budget for the request: the next model gets no six repetitions more.
        #expect(chain.onFailure(of: 1, error(.transient), at: .zero) == .exhausted(wait: .seconds(60)))
        chain.onSuccess()
        #expect(chain.onFailure(of: 0, error(.transient), at: .seconds(60)) == .fail)
    }

    @Test("when nobody is left, the shortest rest is what there is to wait for")
    func exhausted() {
        var chain = FallbackChain(count: 3)
        #expect(chain.onFailure(of: 0, error(.quota, wait: .seconds(300)), at: .zero) == .next(1))
        #expect(chain.onFailure(of: 1, error(.overloaded, wait: .seconds(90)), at: .zero) == .next(2))
        #expect(chain.onFailure(of: 2, error(.auth), at: .seconds(10)) == .exhausted(wait: .seconds(60)))
        #expect(chain.selection(at: .seconds(69)) == nil)
        #expect(chain.selection(at: .seconds(70)) == 2)
        #expect(chain.selection(at: .seconds(90)) == 1)
    }

    @Test("the last model is limited, but rests only as long as it asks for")
    func lastLimited() {
        var chain = FallbackChain(count: 2)
        _ = chain.onFailure(of: 0, error(.quota), at: .zero)
        #expect(chain.onFailure(of: 1, error(.rateLimit), at: .zero) == .exhausted(wait: .zero))
        #expect(chain.selection(at: .zero) == 1)
        #expect(
            chain.onFailure(of: 1, error(.rateLimit, wait: .seconds(20)), at: .zero) == .exhausted(wait: .seconds(20))
        )
        #expect(chain.selection(at: .seconds(60)) == 0)
    }

    @Test("a rested model is asked again before the last one gives up")
    func recovered() {
        var chain = FallbackChain(count: 2)
        _ = chain.onFailure(of: 0, error(.overloaded), at: .zero)
        #expect(chain.onFailure(of: 1, error(.overloaded), at: .seconds(61)) == .next(0))
    }

    @Test(
        "random failures: the model asked never rests, and a wait is never longer than the longest rest",
        arguments: 0..<50
    )
    func properties(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        var chain = FallbackChain(count: 3)
        var now = Duration.zero
        var longest = Duration.seconds(60)
        for _ in 0..<200 {
            now += .seconds(Int(generator.next() % 40))
            guard let model = chain.selection(at: now) else {
                #expect(chain.wait(at: now) > .zero && chain.wait(at: now) <= longest)
                continue
            }
            let codes = ModelError.Code.allCases
            let code = codes[Int(generator.next() % UInt64(codes.count))]
            let wait = Duration.seconds(Int(generator.next() % 100))
            longest = max(longest, wait)
            switch chain.onFailure(of: model, error(code, wait: wait), at: now) {
            case .next(let next): #expect(next != model && chain.selection(at: now) != nil, "seed \(seed)")
            case .exhausted(let wait): #expect(chain.wait(at: now) == wait, "seed \(seed)")
            case .again(let wait): #expect(wait <= .seconds(5), "seed \(seed)")
            case .fail: chain.onSuccess()
            }
        }
    }
}
