import Domain
import Runtimes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

@Suite("Keys of models") struct ModelKeyTests {
    @Test("a run gets them once, whichever scheduler it asks")
    func once() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let old = bench.scheduler([dev])
            try await bench.running(old) {
                let instance = try await bench.runUp("dev", by: old)
                #expect(try await old.modelCredentials(of: instance) != nil)
            }
            let instance = try await bench.launched(1)
            let new = bench.scheduler([dev])
            try await bench.running(new) {
                try await bench.adopted(instance, by: new)
                #expect(try await new.modelCredentials(of: instance) == nil)
            }
        }
    }

    @Test("a run that came up without asking yet gets them from the next scheduler")
    func late() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([dev]))
            let new = bench.scheduler([dev])
            try await bench.running(new) {
                try await bench.adopted(instance, by: new)
                #expect(try await new.modelCredentials(of: instance) != nil)
            }
        }
    }

    @Test("keys that could not be read were not handed out")
    func unreadable() async throws {
        try await withScheduler { bench, scheduler in
            let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
            _ = try await bench.launched(1)
            let problem = RuntimeError(code: .engine, message: "locked")
            bench.keyProblem.withLock { $0 = problem }
            await #expect(throws: problem) { try await scheduler.modelCredentials(of: instance) }
            bench.keyProblem.withLock { $0 = nil }
            #expect(try await scheduler.modelCredentials(of: instance) != nil)
            #expect(try await scheduler.modelCredentials(of: instance) == nil)
        }
    }

    @Test("a script in the model's place gets none")
    func script() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev")
            bench.scripted.withLock { $0 = [dev.name] }
            let scheduler = bench.scheduler([dev])
            try await bench.running(scheduler) {
                let instance = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                _ = try await bench.launched(1)
                #expect(try await scheduler.modelCredentials(of: instance) == nil)
                // The script is away and its run is not.
                bench.scripted.withLock { $0 = [] }
                #expect(try await store.run(instance.run)?.hasFetchedModelKeys == true)
            }
        }
    }
}
