import Domain
import Runtimes
import TestSupport
import Testing

@testable import Scheduler

@Suite struct ImageBuildTests {
    @Test("an agent without an image is in error and takes nothing, the others run")
    func agentFails() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let agents = [try agent("bad"), try agent("good")]
            await bench.runtime.setImages([agents[0].name: .failed("exit 3"), agents[1].name: .built("sha256:good")])
            let scheduler = bench.scheduler(agents)
            try await bench.running(scheduler) {
                _ = try await scheduler.accept(delivery(1))
                let run = try await bench.launched(1)
                #expect(run.agent == agents[1].name)
                let shown = try await scheduler.status().agents
                #expect(shown.map(\.state) == ["error", "running"])
                #expect(shown[0].lastError == "exit 3")
                #expect(shown[0].queuedItems == 1)
            }
            let launches = await bench.runtime.launches
            #expect(launches.map(\.image) == ["sha256:good"])
            #expect(bench.sink.messages("image build failed").count == 1)
        }
    }

    @Test("without what all agents share the start fails with the runtime's words")
    func baseFails() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let failure = RuntimeError(code: .buildFailed, message: "Building the image al-agent failed: exit 3")
            await bench.runtime.failBuild(failure)
            let scheduler = bench.scheduler([try agent("dev")])
            await #expect(throws: failure) { try await scheduler.run() }
            #expect(await bench.runtime.launches.isEmpty)
        }
    }
}
