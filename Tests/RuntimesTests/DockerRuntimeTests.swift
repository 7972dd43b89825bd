import AsyncHTTPClient
import Domain
import Foundation
import Synchronization
import Testing

@testable import Runtimes

/// Against a real engine: `AL_TEST_DOCKER_HOST=unix:///path/to/docker.sock`, with an image `debian:bookworm-slim`.
@Suite("Docker runtime", .enabled(if: TestEnvironment.dockerHost != nil, "AL_TEST_DOCKER_HOST is not set"), .serialized)
struct DockerRuntimeTests {
    private let directory: TemporaryDirectory
    private let project: ProjectDirectory

    init() throws {
        directory = try TemporaryDirectory()
        project = directory.makeProject()
    }

    private func withRuntime(
        _ body: (_ make: @escaping @Sendable () async throws -> DockerRuntime) async throws -> Void
    )
        async throws
    {
        let endpoint = try #require(TestEnvironment.dockerHost.flatMap { EngineEndpoint(dockerHost: $0) })
        let executable = try directory.writeProgram("al", RuntimeConformance.standIn)
        try await HTTPClient.withHTTPClient(configuration: EngineEndpoint.httpConfiguration) { http in
            try await body {
                try await DockerRuntime(
                    endpoint: endpoint,
                    http: http,
                    clock: ContinuousClock(),
                    executablePath: executable,
                    buildID: RuntimeConformance.buildID,
                    version: "0.0.0-test",
                    ownImage: nil,
                    staticFiles: { ["ACTIONS.md": Array($0.instructions.utf8)] }
                )
            }
        }
    }

    private func build(_ runtime: DockerRuntime, _ agent: AgentConfig) async throws -> ImageResult? {
        try await buildWithProgress(runtime, agent).result
    }

    /// The result, and what the build of the agent's image said.
    private func buildWithProgress(
        _ runtime: DockerRuntime,
        _ agent: AgentConfig
    ) async throws -> (result: ImageResult?, lines: [String]) {
        let lines = Mutex<[String]>([])
        let results = try await runtime.buildImages(for: [agent], project: project) { name, line in
            if name == agent.name { lines.withLock { $0.append(line) } }
        }
        return (results[agent.name], lines.withLock { $0 })
    }

    private var agent: AgentConfig {
        get throws { try ContainerSpecTests.launch().agent }
    }

    @Test("Keeps the promises of every runtime", arguments: RuntimeConformance.allCases)
    func conforms(check: RuntimeConformance) async throws {
        try await withRuntime { make in
            let runtime = try await make()
            guard case .built(let image) = try await build(runtime, agent) else {
                Issue.record("no image")
                return
            }
            let world = RuntimeWorld(
                runtime: runtime,
                make: make,
                project: project,
                image: image,
                unknownHandle: "al-none-00000000"
            )
            try await check.check(world)
        }
    }

    @Test("A changed agent is built again, an unchanged one not at all")
    func buildsWhatChanged() async throws {
        try await withRuntime { make in
            let runtime = try await make()
            var agent = try agent
            let old = try await build(runtime, agent)
            agent.instructions = UUID().uuidString
            let (new, steps) = try await buildWithProgress(runtime, agent)
            #expect(new != old && !steps.isEmpty)
            let (same, none) = try await buildWithProgress(runtime, agent)
            #expect(same == new && none.isEmpty)
        }
    }

    @Test("An own Dockerfile is used, one that fails is that agent's failure with the engine's words")
    func ownDockerfile() async throws {
        try await withRuntime { make in
            let runtime = try await make()
            var good = try agent
            good.directory = "\(directory.path)/good"
            var bad = AgentConfig(name: try AgentName("bad"), model: good.model)
            bad.directory = "\(directory.path)/bad"
            for path in [good.directory, bad.directory] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            _ = try directory.write("good/Dockerfile", "FROM al-agent:latest\nCOPY note.txt /note.txt\n")
            _ = try directory.write("good/note.txt", "noted")
            _ = try directory.write("bad/Dockerfile", "FROM al-agent\nRUN echo reason && exit 3\n")
            let results = try await runtime.buildImages(for: [good, bad], project: project, onProgress: { _, _ in })
            guard case .built(let image) = results[good.name], case .failed(let reason) = results[bad.name] else {
                Issue.record("\(results)")
                return
            }
            #expect(reason.contains("reason") && reason.contains("al-bad"))
            let world = RuntimeWorld(runtime: runtime, make: make, project: project, image: image, unknownHandle: "")
            #expect((try await world.run("cat /note.txt")).lines.map(\.text) == ["noted"])
        }
    }

    @Test("The container has a read-only root, no capabilities, its own user, no new namespaces, and finds the gateway")
    func isolation() async throws {
        try await withRuntime { make in
            let runtime = try await make()
            let route = try await runtime.prepare(project: project.id)
            guard case .built(let image) = try await build(runtime, agent) else { return }
            let world = RuntimeWorld(runtime: runtime, make: make, project: project, image: image, unknownHandle: "")
            let run = try await world.run(
                """
                id -u; hostname; touch /x 2>/dev/null || echo read-only; grep CapEff /proc/self/status; pwd
                getent hosts gateway | cut -d' ' -f1; touch /tmp/x /workspace/x /home/node/x && echo writable
                for new in -U -Un -n -m; do unshare $new true 2>/dev/null && echo namespace $new; done
                """
            )
            let address =
                route.listenAddress ?? run.lines.map(\.text).first { $0.contains(/^\d+\.\d+\.\d+\.1$/) }
            #expect(
                run.lines.map(\.text) == [
                    "1000", "dev", "read-only", "CapEff:\t0000000000000000", "/workspace", address ?? "no address",
                    "writable",
                ]
            )
        }
    }
}
