import AsyncHTTPClient
import Domain
import FoundationEssentials
import TestSupport
import Testing

@testable import Runtimes

@Suite("Engine dialects")
struct FakeEngineTests {
    private let project = ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: "/none")

    private func runtime(
        _ endpoint: EngineEndpoint,
        _ http: HTTPClient,
        executablePath: String = "/none",
        ownImage: String? = "own:1",
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws -> DockerRuntime {
        try await DockerRuntime(
            endpoint: endpoint,
            http: http,
            clock: clock,
            executablePath: executablePath,
            buildID: "b",
            version: "1",
            ownImage: ownImage,
            staticFiles: { _ in [:] }
        )
    }

    @Test("Podman is recognised and spoken to in its version")
    func podman() async throws {
        let engine = FakeEngine { key, _ in
            key == "GET /_ping" ? .init(headers: ["Api-Version": "1.41", "Libpod-Api-Version": "4.3.1"]) : nil
        }
        try await engine.serve { endpoint, http in
            let client = try await EngineClient.connect(to: endpoint, http: http)
            #expect(client.dialect == EngineDialect(apiVersion: "1.41", isPodman: true))
        }
    }

    @Test("Only an engine that shares this machine can shut a run in", arguments: ["Docker Desktop 4.38.0", "", nil])
    func virtualMachine(platform: String?) async throws {
        let engine = FakeEngine { key, _ in
            guard key == "GET /version", let platform else { return nil }
            return .init(body: #"{"MinAPIVersion":"1.12","Platform":{"Name":"\#(platform)"}}"#)
        }
        try await engine.serve { endpoint, http in
            let runtime = try await runtime(endpoint, http)
            #expect(runtime.controlsEgress == (platform?.hasPrefix("Docker Desktop") != true))
        }
    }

    /// A line of a log as the engine sends it.
    private static func frame(_ text: String) -> String {
        "\u{1}\0\0\0\0\0\0" + String(UnicodeScalar(UInt8(text.utf8.count))) + text
    }

    @Test("A log that Podman follows for ever is read again once the container has ended, without repeats")
    func endlessLog() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Never.self)
        let first = Self.frame("2026-01-02T03:04:05Z one\n")
        let engine = FakeEngine { key, earlier in
            switch key {
            case "GET /_ping": .init(headers: ["Api-Version": "1.41", "Libpod-Api-Version": "4.3.1"])
            case "GET /containers/x/logs" where earlier == 0: .init(body: first, holdsUntil: gate)
            case "GET /containers/x/logs": .init(body: first + Self.frame("2026-01-02T03:04:05Z two\n"))
            case "POST /containers/x/wait": .init(body: #"{"StatusCode":0}"#)
            case "GET /containers/x/json": .init(body: #"{"State":{"Running":false}}"#)
            default: nil
            }
        }
        try await engine.serve { endpoint, http in
            let clock = TestClock()
            let runtime = try await runtime(endpoint, http, clock: clock)
            let (lines, sink) = AsyncStream.makeStream(of: String.self)
            async let followed: Void = runtime.follow(RunHandle(rawValue: "x"), from: nil) { sink.yield($0.text) }
            var texts = lines.makeAsyncIterator()
            #expect(await texts.next() == "one")
            _ = await clock.advanceToNextSleeper()
            try await followed
            opener.finish()
            #expect(await texts.next() == "two")
        }
    }

    @Test("A network that another process created meanwhile is used", arguments: [409, 500])
    func networkRace(status: Int) async throws {
        let engine = FakeEngine { key, earlier in
            switch key {
            case "GET /networks/al-net": earlier == 0 ? .init(status: 404, body: "{}") : nil
            case "POST /networks/create": .init(status: status, body: #"{"message":"network already exists"}"#)
            default: nil
            }
        }
        try await engine.serve { endpoint, http in
            let route = try await runtime(endpoint, http).prepare(project: ProjectID(rawValue: "0123456789ab"))
            #expect(route == GatewayRoute(listenAddress: "127.0.0.1", host: "gateway"))
        }
    }

    @Test("A run whose container exists is started only if it never was", arguments: ["created", "running", "exited"])
    func sameRunAgain(status: String) async throws {
        let name = "al-dev-1a2b3c4d"
        let engine = FakeEngine { key, _ in
            switch key {
            case "POST /containers/create": .init(status: 409, body: #"{"message":"Conflict"}"#)
            case "GET /containers/\(name)/json": .init(body: #"{"State":{"Status":"\#(status)"}}"#)
            case "POST /containers/\(name)/start": .init(status: 204)
            default: nil
            }
        }
        let requests = try await engine.serve { endpoint, http in
            let handle = try await runtime(endpoint, http).launch(ContainerSpecTests.launch())
            #expect(handle.rawValue == name)
        }
        #expect(requests.contains("POST /containers/\(name)/start") == (status == "created"))
    }

    @Test("A container that cannot start is removed and the engine's reason is told")
    func failedStart() async throws {
        let engine = FakeEngine { key, _ in
            switch key {
            case "POST /containers/create": .init(status: 201, body: #"{"Id":"1"}"#)
            case "POST /containers/al-dev-1a2b3c4d/start": .init(status: 500, body: #"{"message":"no memory"}"#)
            default: nil
            }
        }
        let requests = try await engine.serve { endpoint, http in
            do {
                _ = try await runtime(endpoint, http).launch(ContainerSpecTests.launch())
                Issue.record("launched")
            } catch let error as RuntimeError {
                #expect(error.code == .launchFailed && error.message.contains("no memory"))
            }
        }
        #expect(requests.contains("DELETE /containers/al-dev-1a2b3c4d"))
    }

    @Test(
        "The end of a run is what inspect says",
        arguments: [
            (#"{"Running":false,"ExitCode":42,"OOMKilled":false}"#, RunEnd(code: 42, cause: .exited)),
            (#"{"Running":false,"ExitCode":137,"OOMKilled":true}"#, RunEnd(code: 137, cause: .outOfMemory)),
            (#"{"Running":false,"ExitCode":0,"OOMKilled":true}"#, RunEnd(code: 0, cause: .exited)),
            (
                #"{"Running":false,"ExitCode":1,"FinishedAt":"2026-01-02T03:04:05.5+01:00"}"#,
                RunEnd(code: 1, cause: .exited, time: Date(timeIntervalSince1970: 1_767_319_445.5))
            ),
            (
                #"{"Running":false,"ExitCode":0,"FinishedAt":"0001-01-01T00:00:00Z"}"#,
                RunEnd(code: 0, cause: .exited)
            ),
        ]
    )
    func ends(state: String, end: RunEnd) async throws {
        let engine = FakeEngine { key, _ in
            switch key {
            // An engine that was restarted answers without a status.
            case "POST /containers/x/wait": .init(body: "")
            case "GET /containers/x/json": .init(body: #"{"State":\#(state)}"#)
            default: nil
            }
        }
        try await engine.serve { endpoint, http in
            let found = try await runtime(endpoint, http).wait(for: RunHandle(rawValue: "x"))
            #expect(found == end)
        }
    }

    @Test("The end of a run is found over a network that has forgotten the connection")
    func forgottenConnection() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Never.self)
        let engine = FakeEngine { key, earlier in
            switch key {
            case "POST /containers/x/wait": .init(body: "", holdsUntil: gate)
            case "GET /containers/x/json": .init(body: #"{"State":{"Running":\#(earlier == 0),"ExitCode":3}}"#)
            default: nil
            }
        }
        try await engine.serve(overNetwork: true) { endpoint, http in
            let clock = TestClock()
            let runtime = try await runtime(endpoint, http, clock: clock)
            async let end = runtime.wait(for: RunHandle(rawValue: "x"))
            for _ in 0..<2 { _ = await clock.advanceToNextSleeper() }
            #expect(try await end == RunEnd(code: 3, cause: .exited))
            opener.finish()
        }
    }

    @Test(
        "Killing what does not run is fine in both dialects, failing to kill what runs is not",
        arguments: [409, 500]
    )
    func kill(status: Int) async throws {
        for isRunning in [false, true] {
            let engine = FakeEngine { key, _ in
                switch key {
                case "POST /containers/x/kill": .init(status: status, body: #"{"message":"can only kill running"}"#)
                case "GET /containers/x/json": .init(body: #"{"State":{"Running":\#(isRunning)}}"#)
                default: nil
                }
            }
            try await engine.serve { endpoint, http in
                let runtime = try await runtime(endpoint, http)
                if isRunning {
                    await #expect(throws: RuntimeError.self) {
                        try await runtime.kill(RunHandle(rawValue: "x"), grace: .zero)
                    }
                } else {
                    try await runtime.kill(RunHandle(rawValue: "x"), grace: .zero)
                }
            }
        }
    }

    @Test("The operator's own base image is never built, its absence names the key")
    func ownImage() async throws {
        let requests = try await FakeEngine { _, _ in nil }.serve { endpoint, http in
            do {
                _ = try await runtime(endpoint, http).buildImages(for: [], project: project, onProgress: { _, _ in })
                Issue.record("built")
            } catch let error as RuntimeError {
                #expect(error.code == .imageMissing && error.message.contains("[local].image"))
            }
        }
        #expect(!requests.contains { $0.hasPrefix("POST /build") })
    }

    /// The report of a build that fails after fifty lines.
    private static let failedBuild =
        (1...50).map { #"{"stream":"line \#($0)\n"}"# + "\n" }.joined() + #"{"error":"exit 3"}"# + "\n"

    @Test("An agent whose image cannot be built fails alone")
    func agentBuildFails() async throws {
        let engine = FakeEngine { key, _ in
            switch key {
            case "GET /images/own:1/json": .init(body: #"{"Id":"sha256:own"}"#)
            case "POST /build al-good": .init(body: #"{"aux":{"ID":"sha256:good"}}"# + "\n")
            case "POST /build al-bad": .init(body: Self.failedBuild)
            default: nil
            }
        }
        try await engine.serve { endpoint, http in
            var agents = try ["bad", "good"].map {
                AgentConfig(name: try AgentName($0), model: ModelConfig(provider: .scripted, model: "m"))
            }
            let directory = try TemporaryDirectory()
            agents[0].directory = directory.path
            let dockerfile = try directory.write("Dockerfile", "FROM al-agent\nRUN exit 3\n")
            let images = try await runtime(endpoint, http)
                .buildImages(for: agents, project: project, onProgress: { _, _ in })
            #expect(images[agents[1].name] == .built("sha256:good"))
            guard case .failed(let reason) = images[agents[0].name] else {
                Issue.record("\(images)")
                return
            }
            #expect(
                reason.contains("al-bad from \(dockerfile) failed") && reason.contains("exit 3")
                    && reason.hasSuffix("line 50")
            )
        }
    }

    @Test("An agent that is called like the base, and another project's of the same name, are other images")
    func names() async throws {
        let engine = FakeEngine { key, _ in
            switch key {
            case "GET /images/al-agent:b/json": .init(body: #"{"Id":"sha256:base"}"#)
            case "POST /build al-agent": .init(body: #"{"aux":{"ID":"sha256:agent"}}"# + "\n")
            default: nil
            }
        }
        let requests = try await engine.serve { endpoint, http in
            let agent = AgentConfig(name: try AgentName("agent"), model: ModelConfig(provider: .scripted, model: "m"))
            let runtime = try await runtime(endpoint, http, ownImage: nil)
            for id in ["0123456789ab", "ba9876543210"] {
                let project = ProjectDirectory(id: ProjectID(rawValue: id), path: "/none")
                let images = try await runtime.buildImages(for: [agent], project: project, onProgress: { _, _ in })
                #expect(images[agent.name] == .built("sha256:agent"))
            }
        }
        #expect(
            requests.filter { $0.contains("al-agent:") } == [
                "GET /images/al-agent:b/json", "GET /images/al-agent:b-0123456789ab/json",
                "GET /images/al-agent:b/json", "GET /images/al-agent:b-ba9876543210/json",
            ]
        )
    }

    @Test("Old images go with all their tags, but not those that somebody named, nor one that was just asked for")
    func oldImages() async throws {
        let engine = FakeEngine { key, _ in
            switch key {
            case "GET /images/own:1/json": .init(body: #"{"Id":"sha256:own"}"#)
            case "POST /build al-dev": .init(body: #"{"aux":{"ID":"sha256:new"}}"# + "\n")
            case "GET /images/json":
                .init(
                    body: #"""
                        [{"Id":"9","Created":9},{"Id":"8","Created":8},{"Id":"7","Created":7},
                        {"Id":"3","Created":3,"RepoTags":["al-dev:a","localhost/al-dev:latest"]},
                        {"Id":"2","Created":2,"RepoTags":["al-dev:b","kept:1"]},
                        {"Id":"sha256:new","Created":2,"RepoTags":["al-dev:c"]},
                        {"Id":"1","Created":1,"RepoTags":["<none>:<none>"]},{"Id":"0","Created":0,"RepoTags":null}]
                        """#
                )
            default: nil
            }
        }
        let requests = try await engine.serve { endpoint, http in
            let agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "m"))
            _ = try await runtime(endpoint, http).buildImages(for: [agent], project: project, onProgress: { _, _ in })
        }
        #expect(
            requests.filter { $0.hasPrefix("DELETE") } == [
                "DELETE /images/al-dev:a", "DELETE /images/localhost/al-dev:latest", "DELETE /images/1",
                "DELETE /images/0",
            ]
        )
    }

    @Test("An image that was tidied away is built again when it is needed, and the network with it is made again")
    func lostImage() async throws {
        let engine = FakeEngine(missingImages: ["sha256:1"]) { key, earlier in
            switch key {
            case "GET /images/own:1/json": .init(body: #"{"Id":"sha256:own"}"#)
            case "POST /build al-dev": .init(body: #"{"aux":{"ID":"sha256:new"}}"# + "\n")
            case "POST /containers/al-dev-1a2b3c4d/start" where earlier == 0:
                .init(status: 404, body: #"{"message":"network al-net not found"}"#)
            case "POST /containers/create": .init(status: 201, body: "{}")
            case "POST /containers/al-dev-1a2b3c4d/start": .init(status: 204)
            default: nil
            }
        }
        let requests = try await engine.serve { endpoint, http in
            let runtime = try await runtime(endpoint, http)
            // The scheduler knows of the image that it had built.
            for _ in 0..<2 { _ = try await runtime.launch(ContainerSpecTests.launch(staging: nil)) }
        }
        #expect(requests.count { $0 == "POST /build al-dev" } == 1)
        #expect(requests.count { $0 == "GET /images/own:1/json" } == 1)
        #expect(requests.last == "POST /containers/al-dev-1a2b3c4d/start")
    }

    @Test("A network that was tidied away is made again when it is needed")
    func lostNetwork() async throws {
        let engine = FakeEngine { key, earlier in
            switch key {
            case "GET /networks/al-net" where earlier == 1: .init(status: 404, body: "{}")
            case "POST /networks/create": .init(status: 201, body: "{}")
            case "POST /containers/create": .init(status: 201, body: "{}")
            case "POST /containers/al-dev-1a2b3c4d/start":
                earlier == 0 ? .init(status: 404, body: #"{"message":"network al-net not found"}"#) : .init(status: 204)
            default: nil
            }
        }
        let requests = try await engine.serve { endpoint, http in
            _ = try await runtime(endpoint, http).launch(ContainerSpecTests.launch(staging: nil))
        }
        #expect(requests.contains("POST /networks/create"))
        #expect(requests.last == "POST /containers/al-dev-1a2b3c4d/start")
    }

    @Test("A log that ends again and again while its container runs is opened at a measured pace")
    func restlessLog() async throws {
        let engine = FakeEngine { key, earlier in
            switch key {
            case "GET /containers/x/logs": .init(body: "")
            case "GET /containers/x/json": .init(body: #"{"State":{"Running":\#(earlier < 3)}}"#)
            default: nil
            }
        }
        let requests = try await engine.serve { endpoint, http in
            let clock = TestClock()
            let runtime = try await runtime(endpoint, http, clock: clock)
            async let followed: Void = runtime.follow(RunHandle(rawValue: "x"), from: nil) { _ in }
            // Three pauses, and no other way to the end.
            for _ in 0..<3 { _ = await clock.advanceToNextSleeper() }
            try await followed
        }
        #expect(requests.count { $0 == "GET /containers/x/logs" } == 5)
    }

    @Test("Rootless Podman, whose containers do not reach the gateway, is left aside unless it is asked for")
    func rootlessPodman() async throws {
        let engine = FakeEngine { key, _ in
            switch key {
            case "GET /_ping": .init(headers: ["Api-Version": "1.41", "Libpod-Api-Version": "4.3.1"])
            case "GET /info": .init(body: #"{"NCPU":2,"SecurityOptions":["name=seccomp","name=rootless"]}"#)
            default: nil
            }
        }
        try await engine.serve { endpoint, http in
            let parts = RuntimeParts(
                project: project,
                limits: LocalSettings(),
                home: "/none",
                executablePath: "/none",
                buildID: "b",
                version: "1",
                environment: ["DOCKER_HOST": endpoint.description, "PATH": "/none"],
                clock: ContinuousClock(),
                engineHTTP: http,
                staticFiles: { _ in [:] },
                configurationText: { _ in "{}" }
            )
            do {
                _ = try await selectRuntime(requested: nil, parts: parts)
                Issue.record("selected")
            } catch let error as RuntimeError {
                #expect(error.message.contains("rootless Podman") && error.message.contains("bubblewrap"))
            }
            let asked = try await selectRuntime(requested: .docker, parts: parts)
            #expect(asked.runtime.kind == .docker && asked.warning?.contains("[network] allow") == true)
        }
    }

    @Test("A base that cannot be built fails the whole, with the last 40 lines of the engine")
    func baseBuildFails() async throws {
        let engine = FakeEngine { key, _ in
            key == "POST /build al-agent" ? .init(body: Self.failedBuild) : nil
        }
        try await engine.serve { endpoint, http in
            let runtime = try await runtime(endpoint, http, executablePath: "/bin/true", ownImage: nil)
            do {
                _ = try await runtime.buildImages(for: [], project: project, onProgress: { _, _ in })
                Issue.record("built")
            } catch let error as RuntimeError {
                #expect(error.code == .buildFailed)
                let lines = error.message.split(separator: "\n").filter { $0.hasPrefix("line ") }
                #expect(lines == (11...50).map { "line \($0)" }.map { $0[...] })
            }
        }
    }

    @Test("Without any engine the error names every place that was tried")
    func noEngine() async throws {
        let directory = try TemporaryDirectory()
        let http = HTTPClient(configuration: EngineEndpoint.httpConfiguration)
        let parts = RuntimeParts(
            project: ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: directory.path),
            limits: LocalSettings(),
            home: directory.path,
            executablePath: "/none",
            buildID: "b",
            version: "1",
            environment: ["DOCKER_HOST": "unix://\(directory.path)/none.sock", "PATH": "/none"],
            clock: ContinuousClock(),
            engineHTTP: http,
            staticFiles: { _ in [:] },
            configurationText: { _ in "{}" }
        )
        for requested in [RuntimeKind.docker, nil] {
            do {
                _ = try await selectRuntime(requested: requested, parts: parts)
                Issue.record("selected")
            } catch let error as RuntimeError {
                #expect(error.code == .unavailable && error.message.contains("\(directory.path)/none.sock"))
                #expect(error.message.contains("bubblewrap") == (requested == nil))
            }
        }
        let host = try await selectRuntime(requested: .host, parts: parts)
        #expect(host.runtime.kind == .host && host.warning != nil)
        try await http.shutdown()
    }
}
