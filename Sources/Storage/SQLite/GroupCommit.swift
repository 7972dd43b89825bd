import GRDB
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one writer of a database: changes that gather while a commit is on its way to the disk share the next one.
///
/// A lone change starts at once; nothing waits for a timer. When one fails, the batch is made again with a savepoint for each, so
/// that the others of the batch are left alone; what a change does outside of the database, it may therefore do twice.
final class GroupCommit: Sendable {
    private struct Change: Sendable {
        /// Makes the change; what it returns tells the caller that the commit went well.
        let perform: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct Gathered {
        var changes: [Change] = []
        var isCommitting = false
        var problem: String?
    }

    private let pool: DatabasePool
    private let checkpointer: Checkpointer
    private let gathered = Mutex(Gathered())

    init(pool: DatabasePool, checkpointer: Checkpointer) {
        self.pool = pool
        self.checkpointer = checkpointer
    }

    /// What kept the last batch from being committed, without the path of the file; `nil` after success.
    var problem: String? { gathered.withLock { $0.problem } }

    /// Makes a change and returns when it is on disk.
    ///
    /// A change that was handed over is carried out even if the calling task is cancelled meanwhile: the batch belongs
    /// to all.
    func write<Value: Sendable>(_ change: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let perform: @Sendable (Database) throws -> @Sendable () -> Void = { database in
                let value = try change(database)
                return { continuation.resume(returning: value) }
            }
            add(Change(perform: perform, fail: { continuation.resume(throwing: $0) }))
        }
    }

    private func add(_ change: Change) {
        let mustStart = gathered.withLock { gathered in
            gathered.changes.append(change)
            defer { gathered.isCommitting = true }
            return !gathered.isCommitting
        }
        if mustStart { pool.asyncWriteWithoutTransaction { self.commitAll($0) } }
    }

    private func commitAll(_ database: Database) {
        while let batch = nextBatch() {
            commit(batch, to: database)
            checkpointer.committed(batch.count, on: database)
            // Whoever is about to hand a change over, on the same processor, does so first: the next commit is theirs as well.
            sched_yield()
        }
    }

    private func nextBatch() -> [Change]? {
        gathered.withLock { gathered in
            guard !gathered.changes.isEmpty else {
                gathered.isCommitting = false
                return nil
            }
            defer { gathered.changes = [] }
            return gathered.changes
        }
    }

    private func commit(_ batch: [Change], to database: Database) {
        let answers: [@Sendable () -> Void]
        do {
            do {
                answers = try inTransaction(batch, of: database) { try $0.perform(database) }
            } catch {
                // Nothing of the batch is there. Savepoints, which would have kept the others, cost more than all else of a change.
                answers = try inTransaction(batch, of: database) { try performAlone($0, in: database) }
            }
            gathered.withLock { $0.problem = nil }
        } catch {
            let failure = StorageError(writing: error, path: pool.path)
            let reason = StorageError.reason(of: error)
            gathered.withLock { $0.problem = reason }
            answers = batch.map { change in { change.fail(failure) } }
        }
        for answer in answers { answer() }
    }

    private func inTransaction(
        _ batch: [Change],
        of database: Database,
        _ perform: (Change) throws -> @Sendable () -> Void
    ) throws -> [@Sendable () -> Void] {
        var answers: [@Sendable () -> Void] = []
        answers.reserveCapacity(batch.count)
        // GRDB's own transactions and savepoints are compiled anew each time.
        try database.run("BEGIN IMMEDIATE")
        do {
            for change in batch { answers.append(try perform(change)) }
            try database.run("COMMIT")
        } catch {
            // A full disk, for one, has ended it already.
            if database.isInsideTransaction { try database.run("ROLLBACK") }
            throw error
        }
        return answers
    }

    /// Makes one change; an error that concerns this change only becomes its answer, one of the disk is thrown.
    private func performAlone(_ change: Change, in database: Database) throws -> @Sendable () -> Void {
        try database.run("SAVEPOINT change")
        do {
            let answer = try change.perform(database)
            try database.run("RELEASE SAVEPOINT change")
            return answer
        } catch {
            guard database.isInsideTransaction, !StorageError.concernsWholeDatabase(error) else { throw error }
            try database.run("ROLLBACK TO SAVEPOINT change")
            try database.run("RELEASE SAVEPOINT change")
            let path = pool.path
            return { change.fail(error is StorageError ? error : StorageError(writing: error, path: path)) }
        }
    }
}
