import Testing

@testable import Scheduler

@Suite("Announcing changes")
struct BroadcasterTests {
    @Test("who let go of a stream is forgotten without any change")
    func forgotten() {
        let broadcaster = Broadcaster()
        for _ in 0..<1000 { _ = broadcaster.subscribe() }
        #expect(broadcaster.count == 0)
    }

    @Test("who was cancelled while waiting is forgotten, the others hear of the next change")
    func cancelled() async {
        let broadcaster = Broadcaster()
        let (first, second) = (broadcaster.subscribe(), broadcaster.subscribe())
        let waiting = Task { for await _ in first {} }
        waiting.cancel()
        await waiting.value
        #expect(broadcaster.count == 1)
        broadcaster.notify()
        broadcaster.notify()
        broadcaster.finish()
        var heard = 0
        for await _ in second { heard += 1 }
        // What nobody has read yet is one change.
        #expect(heard == 1)
        #expect(broadcaster.count == 0)
    }
}
