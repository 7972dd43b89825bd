import Hummingbird
import Synchronization
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct StatusEventsTests {
    private struct Broken: Error {}

    private final class Counter: Sendable {
        private let number = Mutex(0)
        var value: Int { number.withLock { $0 } }

        @discardableResult
        func next() -> Int {
            number.withLock { number in
                number += 1
                return number
            }
        }
    }

    @Test("whoever asks while an event is made gets one that began later")
    func later() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let count = Counter()
        let events = StatusEvents {
            let number = count.next()
            if number == 1 {
                begin.yield()
                for await _ in gate { break }
            }
            return ByteBuffer(string: "\(number)")
        }
        async let first = events.latest()
        for await _ in begun { break }
        async let second = events.latest()
        open.yield()
        #expect(String(buffer: try await first) == "1")
        #expect(String(buffer: try await second) == "2")
        #expect(String(buffer: try await events.latest()) == "3")
    }

    @Test("two hundred who ask together do not cost two hundred events")
    func shared() async throws {
        let asked = Counter()
        let made = Counter()
        let events = StatusEvents {
            while asked.value < 200 { await Task.yield() }
            return ByteBuffer(string: "\(made.next())")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    asked.next()
                    _ = try await events.latest()
                }
            }
            try await group.waitForAll()
        }
        #expect(made.value < 200)
    }

    @Test("a failure is told to those who asked and keeps nobody from asking again")
    func failure() async throws {
        let asked = Counter()
        let events = StatusEvents {
            if asked.next() == 1 { throw Broken() }
            return ByteBuffer(string: "x")
        }
        await #expect(throws: Broken.self) { try await events.latest() }
        #expect(String(buffer: try await events.latest()) == "x")
    }
}
