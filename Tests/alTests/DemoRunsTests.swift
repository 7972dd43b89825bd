import Domain
import Subprocess
import Synchronization
import Testing

@testable import al

@Suite("The runs of a demo", .timeLimit(.minutes(5)))
struct DemoRunsTests {
    private static func run(_ instance: String, _ state: String = "succeeded") -> String {
        let end = state == "running" ? "" : #","endedAt":"x""#
        return #"{"instanceId":"\#(instance)","agent":"triager","state":"\#(state)"\#(end)}"#
    }

    @Test("each demo in a directory sees the runs that came with it, whatever became of those before")
    func repeated() async throws {
        let runs = Mutex<[String]>([])
        try await FakeScheduler.serving({ _ in
            (200, #"{"runs":[\#(runs.withLock { $0.joined(separator: ",") })]}"#)
        }) { port, _ in
            let client = GatewayClient(baseURL: "http://127.0.0.1:\(port)", key: nil)
            for (demo, state) in ["succeeded", "failed", "succeeded"].enumerated() {
                let demoRuns = try await DemoRuns(of: ["triager"], client)
                #expect(try await demoRuns.ended().isEmpty)
                let earlier = runs.withLock { $0 }.compactMap { try? JSONValue(parsing: $0)["instanceId"] }
                #expect(earlier.count == 2 * demo)
                #expect(earlier.allSatisfy { !demoRuns.includes(["instance": $0]) })
                #expect(demoRuns.includes(["instance": .string("triager-2000000\(demo)")]) && demoRuns.includes([:]))
                runs.withLock { $0.insert(Self.run("triager-0000000\(demo)", "running"), at: 0) }
                #expect(try await demoRuns.ended().isEmpty)
                runs.withLock { $0[0] = Self.run("triager-0000000\(demo)", state) }
                let ended = try await demoRuns.ended()
                #expect(ended.map(\.instance) == ["triager-0000000\(demo)"])
                #expect(ended.allSatisfy(\.succeeded) == (state == "succeeded"))
                // Its last run goes on while it ends.
                runs.withLock { $0.insert(Self.run("triager-1000000\(demo)", "running"), at: 0) }
            }
        }
    }

    @Test("the environment that AL_ENV names is not the demo's")
    func environment() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, "{}") }) { port, _ in
                let arguments = ["demo", "--once", "--no-docker", "--port", "\(port)"]
                let result = try await al.run(arguments, adding: ["AL_ENV": "x"])
                #expect(result.code == 1)
                // It came as far as the port.
                #expect(result.error.contains("port \(port) on 127.0.0.1 is already in use"), "\(result.error)")
            }
        }
    }
}
