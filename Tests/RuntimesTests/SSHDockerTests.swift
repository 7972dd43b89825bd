import AsyncHTTPClient
import CloudClients
import Domain
import Foundation
import TestSupport
import Testing

@testable import Runtimes

/// Against a real engine behind a real ssh server on loopback.
@Suite(
    "Docker over ssh",
    .enabled(if: TestEnvironment.dockerHost?.hasPrefix("unix://") == true, "AL_TEST_DOCKER_HOST is no unix socket"),
    .enabled(if: LoopbackSSHServer.isPossible, "\(LoopbackSSHServer.requirement)"),
    .timeLimit(.minutes(5)),
    .serialized
)
struct SSHDockerTests {
    private let directory: TemporaryDirectory
    private let project: ProjectDirectory

    init() throws {
        directory = try TemporaryDirectory()
        project = directory.makeProject()
    }

    private func withServer(
        _ settings: [String] = [],
        _ body: (LoopbackSSHServer, RuntimeParts) async throws -> Void
    ) async throws {
        let socket = try #require(TestEnvironment.dockerHost?.dropFirst("unix://".count))
        let executable = try directory.writeProgram("al", RuntimeConformance.standIn)
        try await LoopbackSSHServer.run(engineSocket: String(socket), settings: settings) { server in
            let address = try #require(
                ServerAddress(host: "127.0.0.1", user: "root", port: server.port, keyPath: server.keyPath)
            )
            try await HTTPClient.withHTTPClient(configuration: EngineEndpoint.httpConfiguration) { http in
                let parts = RuntimeParts(
                    project: project,
                    limits: LocalSettings(),
                    server: address,
                    home: server.directory,
                    executablePath: executable,
                    buildID: RuntimeConformance.buildID,
                    version: "0.0.0-test",
                    environment: ["PATH": "/usr/bin:/bin", "HOME": server.directory],
                    clock: ContinuousClock(),
                    engineHTTP: http,
                    staticFiles: { ["ACTIONS.md": Array($0.instructions.utf8)] },
                    configurationText: { _ in "{}" }
                )
                try await body(server, parts)
            }
        }
    }

    private func withWorld(
        sharedID: ProjectID? = nil,
        settings: [String] = [],
        _ body: (RuntimeWorld) async throws -> Void
    ) async throws {
        try await withServer(settings) { _, parts in
            var changed = parts
            changed.sharedID = sharedID
            let shared = changed
            let runtimes = Opened()
            let make: @Sendable () async throws -> any Runtime = {
                let runtime = try await selectRuntime(requested: nil, parts: shared).runtime
                await runtimes.add(runtime)
                return runtime
            }
            do {
                let runtime = try await make()
                let agent = try ContainerSpecTests.launch().agent
                let results = try await runtime.buildImages(for: [agent], project: project, onProgress: { _, _ in })
                guard case .built(let image) = results[agent.name] else {
                    Issue.record("\(results)")
                    return
                }
                let world = RuntimeWorld(
                    runtime: runtime,
                    make: make,
                    project: project,
                    image: image,
                    unknownHandle: "al-none-00000000"
                )
                try await body(world)
            } catch {
                await runtimes.closeAll()
                throw error
            }
            await runtimes.closeAll()
        }
    }

    private actor Opened {
        private var runtimes: [any Runtime] = []
        func add(_ runtime: any Runtime) { runtimes.append(runtime) }
        func closeAll() async { for runtime in runtimes { await runtime.close() } }
    }

    /// A server that forwards no sockets, and has the engine's command.
    private static let commandOnly = ["AllowStreamLocalForwarding no", "SetEnv PATH=/usr/local/bin:/usr/bin:/bin"]

    @Test("Keeps the promises of every runtime", arguments: RuntimeConformance.allCases, [[], commandOnly])
    func conforms(check: RuntimeConformance, settings: [String]) async throws {
        try await withWorld(settings: settings) { try await check.check($0) }
    }

    @Test("Credentials come by a volume that only the run can read, which goes with the run")
    func credentials() async throws {
        try await withWorld { world in
            let staged = "\(directory.path)/.al/staging/1/mount/github_token/default"
            try FileManager.default.createDirectory(atPath: staged, withIntermediateDirectories: true)
            _ = try directory.write(".al/staging/1/mount/github_token/default/token", "t0ken\n", mode: 0o444)
            var launch = try world.launch(
                """
                cd /credentials; stat -c '%a %u:%g %n' github_token github_token/default github_token/default/token
                cat github_token/default/token; touch new 2>/dev/null || echo closed
                echo x 2>/dev/null >github_token/default/token || echo read-only
                """
            )
            launch.stagingDirectory = "\(directory.path)/.al/staging/1"
            let handle = try await world.runtime.launch(launch)
            let docker = try #require(world.runtime as? DockerRuntime)
            let label = "\(ContainerSpec.projectLabel)=\(project.id)"
            #expect(try await docker.engine.volumes(label: label).keys.sorted() == ["al-c-\(launch.instance.run)"])
            let lines = try await world.follow(handle, from: nil).filter { $0.stream == .standardOutput }.map(\.text)
            #expect(
                lines == [
                    "500 1000:1000 github_token", "500 1000:1000 github_token/default",
                    "400 1000:1000 github_token/default/token", "t0ken", "closed", "read-only",
                ]
            )
            try await world.finish(handle)
            #expect(try await docker.engine.volumes(label: label).isEmpty)
        }
    }

    @Test(
        "A run outlives the connection; whoever follows and waits goes on over the next one",
        arguments: [[], commandOnly]
    )
    func connectionLost(settings: [String]) async throws {
        try await withWorld(settings: settings) { world in
            let handle = try await world.runtime.launch(
                world.launch("trap 'echo after; exit 7' TERM; echo ready; while :; do sleep 0.05; done")
            )
            try await world.awaitLine(handle)
            async let followed = world.follow(handle, from: nil)
            async let end = world.runtime.wait(for: handle)
            let docker = try #require(world.runtime as? DockerRuntime)
            try await endMaster(of: try #require(docker.tunnel))
            try await order(world.runtime, toEnd: handle)
            #expect(try await end.code == 7)
            #expect(try await followed.map(\.text) == ["ready", "after"])
            try await world.finish(handle)
        }
    }

    /// Gives an order until it gets through: one that meets the dying connection is lost with it.
    private func order(_ runtime: any Runtime, toEnd handle: RunHandle) async throws {
        while true {
            do {
                return try await runtime.kill(handle, grace: .seconds(10))
            } catch let error as RuntimeError where error.isTransient {
                continue
            }
        }
    }

    /// Kills the process that holds the connection.
    private func endMaster(of tunnel: SSHTunnel) async throws {
        let control = URL(fileURLWithPath: tunnel.localSocket).deletingLastPathComponent().path + "/control"
        let process = try #require(try await LoopbackSSHServer.masterProcess(ofControl: control))
        #expect(kill(process, SIGKILL) == 0)
    }

    @Test("Whoever has another path to a project finds its runs by its name")
    func sharedName() async throws {
        let sharedID = ProjectID(rawValue: String(project.id.rawValue.reversed()))
        try await withWorld(sharedID: sharedID) { world in
            let launch = try world.launch("sleep 60")
            let handle = try await world.runtime.launch(launch)
            let elsewhere = try await world.make().list(project: ProjectID(rawValue: "ffffffffffff"))
            #expect(elsewhere.map(\.handle) == [handle])
            try await world.runtime.kill(handle, grace: .zero)
            try await world.finish(handle)
        }
    }

    @Test("A server that forwards no sockets is reached by its engine's own command; without that the setting is named")
    func forbidden() async throws {
        try await withServer(["AllowStreamLocalForwarding no", "SetEnv PATH=/usr/local/bin:/usr/bin:/bin"]) {
            _,
            parts in
            let selection = try await selectRuntime(requested: nil, parts: parts)
            #expect(try await selection.runtime.list(project: project.id).isEmpty)
            await selection.runtime.close()
        }
        try await withServer(["AllowStreamLocalForwarding no", "SetEnv PATH=/nowhere"]) { _, parts in
            do {
                _ = try await selectRuntime(requested: nil, parts: parts)
                Issue.record("selected")
            } catch let error as RuntimeError {
                #expect(error.code == .unavailable && error.message.contains("AllowStreamLocalForwarding yes"))
                #expect(error.message.contains("docker system dial-stdio"))
            }
        }
    }

    @Test("The engine is named with its server, and nothing stays behind")
    func named() async throws {
        try await withServer { server, parts in
            let selection = try await selectRuntime(requested: nil, parts: parts)
            let place = "at ssh://root@127.0.0.1:\(server.port)."
            // Whichever of the two the tests were given.
            let engines = ["Docker", "Podman"].map { "ssh-docker, as [cloud] says: \($0) \(place)" }
            #expect(engines.contains(selection.reason))
            #expect(selection.runtime.kind == .sshDocker)
            await selection.runtime.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(server.directory)/run").isEmpty)
        }
    }
}
