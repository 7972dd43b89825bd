import GRDB
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite("Group commit")
struct GroupCommitTests {
    @Test("changes that wait at the same moment share a commit, in the order they came")
    func sharing() async throws {
        try await withTemporaryStore { store in
            let observer = CommitCounter()
            store.pool.add(transactionObserver: observer, extent: .observerLifetime)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...500 {
                    group.addTask {
                        _ = try await store.enqueue(try StoreSamples.item("dev", "i\(number)", limit: 1000))
                    }
                }
                try await group.waitForAll()
            }
            let commits = observer.commits
            #expect(try await store.waitingItems(of: nil).count == 500)
            #expect(commits < 400, "500 changes took \(commits) commits")
        }
    }

    @Test("one change that fails leaves the others of its batch alone")
    func isolation() async throws {
        try await withTemporaryStore { store in
            _ = try await store.enqueue(try StoreSamples.item("dev", "taken"))
            let failures = await withTaskGroup(of: Bool.self) { group in
                for number in 1...100 {
                    group.addTask {
                        do {
                            let id = number.isMultiple(of: 3) ? "taken" : "i\(number)"
                            _ = try await store.enqueue(try StoreSamples.item("dev", id, limit: 1000))
                            return false
                        } catch {
                            return true
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(failures == 33)
            #expect(try await store.waitingItems(of: nil).count == 68)
            let depths = try await store.queueDepths()
            #expect(Array(depths.values) == [68])
            #expect(await store.problem() == nil)
        }
    }

    @Test("a change handed over is made although its caller is cancelled")
    func cancellation() async throws {
        try await withTemporaryStore { store in
            let task = Task { try await store.enqueue(try StoreSamples.item("dev", "one")) }
            task.cancel()
            let depth = try await task.value.depth
            #expect(depth == 1)
            let waiting = try await store.waitingItems(of: nil)
            #expect(waiting.count == 1)
        }
    }
}

/// Counts commits.
private final class CommitCounter: TransactionObserver, Sendable {
    private let count = Atomic(0)

    var commits: Int { count.load(ordering: .relaxed) }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseWillCommit() { count.add(1, ordering: .relaxed) }
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}
}
