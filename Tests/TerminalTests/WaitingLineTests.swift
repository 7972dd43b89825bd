import Synchronization
import Terminal
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct WaitingLineTests {
    private final class Screen: Sendable {
        private let text = Mutex("")
        var shown: String { text.withLock { $0 } }
        func write(_ more: String) { text.withLock { $0 += more } }
    }

    @Test("what is over within a second is not mentioned")
    func quick() async throws {
        let screen = Screen()
        let waiting = WaitingLine(clock: TestClock(), hasCursor: true, write: screen.write)
        #expect(try await waiting.during("Asking") { 42 } == 42)
        #expect(screen.shown.isEmpty)
    }

    @Test("seconds are counted where a line can be written over, and the line goes away", arguments: [true, false])
    func slow(hasCursor: Bool) async throws {
        let screen = Screen()
        let clock = TestClock()
        let waiting = WaitingLine(clock: clock, hasCursor: hasCursor, write: screen.write)
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .unbounded)
        async let result = waiting.during("Asking") {
            for await value in stream { return value }
            return 0
        }
        for _ in 0..<3 { _ = await clock.advanceToNextSleeper() }
        continuation.yield(7)
        #expect(try await result == 7)
        if hasCursor {
            #expect(screen.shown.contains("Asking … 2 s"))
            #expect(screen.shown.hasSuffix("\r\u{1B}[K"))
        } else {
            #expect(screen.shown == "Asking …\n")
        }
    }
}
