import Hummingbird
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("What waits for a client of an event stream", .timeLimit(.minutes(5)))
struct BacklogTests {
    private let event = ByteBuffer(repeating: UInt8(ascii: "x"), count: 100 << 10)

    @Test("15.7 a client that does not read is disconnected at 1 MiB")
    func overflow() throws {
        let disconnects = Shared(0)
        let backlog = EventBacklog(clock: InstantClock()) { disconnects.change { $0 += 1 } }
        for _ in 0..<10 { try backlog.offer(event) }
        #expect(disconnects.value == 0)
        #expect(throws: CancellationError.self) { try backlog.offer(event) }
        #expect(disconnects.value == 1)
    }

    @Test("one event larger than the limit still goes to a client that has read everything")
    func large() throws {
        let backlog = EventBacklog(clock: InstantClock()) { Issue.record("disconnected") }
        try backlog.offer(ByteBuffer(repeating: 0, count: 2 << 20))
    }

    @Test("a reader of files waits for the client and goes on when it has read")
    func room() async throws {
        let clock = TestClock()
        let backlog = EventBacklog(clock: clock) { Issue.record("disconnected") }
        for _ in 0..<5 { try backlog.offer(event) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await backlog.offerInTurn(event) }
            group.addTask {
                var iterator = backlog.events.makeAsyncIterator()
                for _ in 0..<4 { if let event = await iterator.next() { backlog.written(event) } }
            }
            try await group.waitForAll()
        }
    }

    @Test("a large event behind others waits until the client has read them, and disconnects nobody")
    func largeInTurn() async throws {
        let backlog = EventBacklog(clock: TestClock()) { Issue.record("disconnected") }
        let large = ByteBuffer(repeating: 0, count: EventBacklog.limit - 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for event in [event, large, event] { try await backlog.offerInTurn(event) }
                backlog.finish()
            }
            for await event in backlog.events { backlog.written(event) }
            try await group.waitForAll()
        }
    }

    @Test("a client that takes nothing for 30 s while a file is read to it is disconnected")
    func patience() async throws {
        let disconnects = Shared(0)
        let backlog = EventBacklog(clock: InstantClock()) { disconnects.change { $0 += 1 } }
        for _ in 0..<5 { try backlog.offer(event) }
        await #expect(throws: CancellationError.self) { try await backlog.offerInTurn(event) }
        #expect(disconnects.value == 1)
    }
}
