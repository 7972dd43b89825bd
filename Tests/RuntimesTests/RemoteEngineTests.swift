import AsyncHTTPClient
import CloudClients
import Domain
import Foundation
import TestSupport
import Testing

@testable import Runtimes

@Suite("Engines of other machines")
struct RemoteEngineTests {
    @Test(
        "An address is read as docker reads it",
        arguments: [
            ("ssh://h", "ssh://h", "/var/run/docker.sock"),
            ("ssh://me@h.example:2222", "ssh://me@h.example:2222", "/var/run/docker.sock"),
            ("ssh://me@[fd00::1]:22/", "ssh://me@[fd00::1]:22", "/var/run/docker.sock"),
            ("ssh://[fd00::1]", "ssh://[fd00::1]", "/var/run/docker.sock"),
            ("ssh://me@h/run/user/1000/podman/podman.sock", "ssh://me@h", "/run/user/1000/podman/podman.sock"),
        ]
    )
    func reads(text: String, server: String, socket: String) throws {
        let engine = try #require(RemoteEngine(dockerHost: text))
        #expect(engine.server.description == server)
        #expect(engine.socketPath == socket)
    }

    @Test(
        "What could be an option, holds a password, or is no address is refused",
        arguments: [
            "ssh://", "ssh://-oProxyCommand=x", "ssh://-l@h", "ssh://me:secret@h", "ssh://h:99999", "ssh://h:x",
            "ssh://h h", "ssh://h/a:b", "ssh://h/$(x)", "ssh://h/a b", "ssh://[fd00::1", "ssh://[fd00::1]22",
            "ssh://me@", "tcp://h", "ssh://a:b:1",
        ]
    )
    func refuses(text: String) {
        #expect(RemoteEngine(dockerHost: text) == nil)
    }

    private func withParts(
        _ environment: [String: String],
        server: ServerAddress? = nil,
        executable: String = "/none",
        _ body: (RuntimeParts) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        try await HTTPClient.withHTTPClient(configuration: EngineEndpoint.httpConfiguration) { http in
            let parts = RuntimeParts(
                project: ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: directory.path),
                limits: LocalSettings(),
                server: server,
                home: directory.path,
                executablePath: executable,
                buildID: "b",
                version: "1",
                environment: environment,
                clock: ContinuousClock(),
                engineHTTP: http,
                staticFiles: { _ in [:] },
                configurationText: { _ in "{}" }
            )
            try await body(parts)
        }
    }

    @Test("A server that was named is the only choice, and what is wrong with it is told")
    func onlyChoice() async throws {
        let server = try #require(ServerAddress(host: "h.example"))
        let cases: [([String: String], ServerAddress?, RuntimeKind?, String)] = [
            (["DOCKER_HOST": "ssh://me:secret@h", "PATH": "/none"], nil, nil, "expected ssh://[user@]host[:port]"),
            (["DOCKER_HOST": "ssh://me@h", "PATH": "/none"], nil, .docker, "openssh-client"),
            (["PATH": "/none"], server, nil, "openssh-client"), (["PATH": "/none"], server, .sandbox, "openssh-client"),
        ]
        for (environment, server, requested, words) in cases {
            try await withParts(environment, server: server) { parts in
                do {
                    _ = try await selectRuntime(requested: requested, parts: parts)
                    Issue.record("selected")
                } catch let error as RuntimeError {
                    #expect(error.code == .unavailable && error.message.contains(words))
                    #expect(!error.message.contains("secret"))
                }
            }
        }
    }

    @Test("What was asked for on this machine is not sought on a server")
    func hereAsAsked() async throws {
        try await withParts(["DOCKER_HOST": "ssh://me@h", "PATH": "/none"]) { parts in
            let selection = try await selectRuntime(requested: .host, parts: parts)
            #expect(selection.runtime.kind == .host)
        }
    }
}

@Suite("Containers on an engine that does not see our files", .timeLimit(.minutes(5)))
struct RemoteContainerTests {
    private func runtime(
        _ endpoint: EngineEndpoint,
        _ http: HTTPClient,
        sharedID: ProjectID? = nil,
        owner: String? = nil,
        executablePath: String = "/none",
        ownImage: String? = nil
    ) async throws -> DockerRuntime {
        let server = try #require(ServerAddress(host: "h.example"))
        let socket = endpoint.socketPath ?? ""
        return try await DockerRuntime(
            endpoint: EngineEndpoint(forwardedTo: socket, from: "\(server)"),
            tunnel: SSHTunnel(
                to: server,
                end: .socket("/s"),
                files: try SSHFiles(runtimeDirectory: nil, home: "/no where"),
                knownHosts: [],
                program: SSHProgram { _, _ in .init(code: 0, errorText: "") }
            ),
            sharedID: sharedID,
            owner: owner,
            http: http,
            clock: ContinuousClock(),
            executablePath: executablePath,
            buildID: "b",
            version: "1",
            ownImage: ownImage,
            staticFiles: { _ in [:] }
        )
    }

    private static func engine(start: Int) -> FakeEngine {
        FakeEngine { key, _ in
            switch key {
            case "POST /volumes/create", "POST /containers/create": .init(status: 201, body: #"{"Id":"1"}"#)
            case "PUT /containers/al-dev-1a2b3c4d/archive": .init(status: 200)
            case "POST /containers/al-dev-1a2b3c4d/start": .init(status: start, body: #"{"message":"no memory"}"#)
            default: nil
            }
        }
    }

    private func launch(_ directory: TemporaryDirectory, prompt: String = "hi") throws -> Launch {
        let staged = "\(directory.path)/mount/github_token/default"
        try FileManager.default.createDirectory(atPath: staged, withIntermediateDirectories: true)
        try Data("t0ken\n".utf8).write(to: URL(fileURLWithPath: "\(staged)/token"))
        return try ContainerSpecTests.launch(prompt: prompt, staging: directory.path)
    }

    @Test("Volumes are made and filled before the start, and go with the run")
    func volumes() async throws {
        let directory = try TemporaryDirectory()
        let requests = try await Self.engine(start: 204).serve { endpoint, http in
            let runtime = try await runtime(endpoint, http)
            #expect(runtime.kind == .sshDocker && !runtime.controlsEgress)
            let large = String(repeating: "x", count: 200 << 10)
            try await runtime.remove(try await runtime.launch(launch(directory, prompt: large)))
            await runtime.close()
        }
        #expect(
            requests.filter { !$0.hasPrefix("GET") } == [
                "POST /volumes/create", "POST /volumes/create", "POST /containers/create",
                "PUT /containers/al-dev-1a2b3c4d/archive", "PUT /containers/al-dev-1a2b3c4d/archive",
                "POST /containers/al-dev-1a2b3c4d/start", "DELETE /containers/al-dev-1a2b3c4d",
                "DELETE /volumes/al-c-1a2b3c4d", "DELETE /volumes/al-p-1a2b3c4d",
            ]
        )
    }

    @Test("A run that cannot start leaves no volume")
    func failedStart() async throws {
        let directory = try TemporaryDirectory()
        let requests = try await Self.engine(start: 500).serve { endpoint, http in
            let runtime = try await runtime(endpoint, http)
            await #expect(throws: RuntimeError.self) { try await runtime.launch(launch(directory)) }
            await runtime.close()
        }
        #expect(requests.contains("DELETE /volumes/al-c-1a2b3c4d"))
    }

    @Test("Binds, environment and archive of a run")
    func contents() async throws {
        let directory = try TemporaryDirectory()
        let large = String(repeating: "x", count: 200 << 10)
        let launch = try launch(directory, prompt: large)
        let volumes = try RunVolumes(launch)
        let spec = ContainerSpec(launch: launch, image: "i", processors: 1, isPodman: false, volumes: volumes).json
        #expect(spec["HostConfig"]?["Binds"] == ["al-c-1a2b3c4d:/credentials", "al-p-1a2b3c4d:/run/al/prompt"])
        #expect(spec["HostConfig"]?["ExtraHosts"] == [])
        #expect(spec["Env"]?.arrayValue?.contains("AL_PROMPT_FILE=/run/al/prompt/prompt") == true)
        let entries = try await directory.listing(ofArchive: try #require(volumes.all.first).archive)
        #expect(
            entries == [
                "dr-x------ 1000/1000 github_token/", "dr-x------ 1000/1000 github_token/default/",
                "-r-------- 1000/1000 github_token/default/token",
            ]
        )
    }

    /// What speaks to an engine without a tunnel.
    private func direct(
        _ endpoint: EngineEndpoint,
        _ http: HTTPClient,
        owner: String? = nil
    ) async throws -> DockerRuntime {
        try await DockerRuntime(
            endpoint: endpoint,
            owner: owner,
            http: http,
            clock: ContinuousClock(),
            executablePath: "/none",
            buildID: "b",
            version: "1",
            ownImage: nil,
            staticFiles: { _ in [:] }
        )
    }

    @Test("Runs of this machine's engine are the project's, whoever has started them")
    func unowned() async throws {
        let engine = FakeEngine { key, _ in
            key == "GET /containers/json"
                ? .init(
                    body: """
                        [{"State":"running","Labels":{"action-llama.agent":"dev","action-llama.run":"11111111"}},
                        {"State":"running","Labels":{"action-llama.agent":"dev","action-llama.run":"22222222",
                        "action-llama.owner":"before"}}]
                        """
                ) : nil
        }
        try await engine.serve { endpoint, http in
            let runs = try await direct(endpoint, http, owner: "me").list(project: ProjectID(rawValue: "0123456789ab"))
            #expect(runs.map(\.runID.rawValue) == ["11111111", "22222222"])
        }
    }

    @Test("Runs of this machine's engine have no volumes, and none are sought")
    func local() async throws {
        let requests = try await Self.engine(start: 204).serve { endpoint, http in
            let runtime = try await direct(endpoint, http)
            try await runtime.remove(try await runtime.launch(ContainerSpecTests.launch()))
        }
        #expect(!requests.contains { $0.contains("volumes") || $0.contains("archive") })
    }

    @Test(
        "On an engine that others may use too only the own runs and their volumes are seen, named project or not",
        arguments: [ProjectID(rawValue: "aaaaaaaaaaaa"), nil],
        [true, false]
    )
    func shared(sharedID: ProjectID?, isTunnelled: Bool) async throws {
        func labels(_ run: String, _ owner: String) -> String {
            #"{"action-llama.agent":"dev","action-llama.run":"\#(run)","action-llama.owner":"\#(owner)"}"#
        }
        let volumes = [("11111111", "me"), ("22222222", "other")].map { run, owner in
            #"{"Name":"al-c-\#(run)","Labels":\#(labels(run, owner))}"#
        }
        let runs = [("33333333", "me"), ("44444444", "other")].map { run, owner in
            #"{"State":"running","Labels":\#(labels(run, owner))}"#
        }
        let engine = FakeEngine { key, _ in
            switch key {
            case "GET /volumes": .init(body: #"{"Volumes":[\#(volumes.joined(separator: ","))]}"#)
            case "GET /containers/json": .init(body: "[\(runs.joined(separator: ","))]")
            default: nil
            }
        }
        let requests = try await engine.serve(overNetwork: !isTunnelled) { endpoint, http in
            let runtime =
                isTunnelled
                ? try await runtime(endpoint, http, sharedID: sharedID, owner: "me")
                : try await direct(endpoint, http, owner: "me")
            let project = ProjectID(rawValue: "0123456789ab")
            #expect(try await runtime.list(project: project).map(\.runID.rawValue) == ["33333333"])
            _ = try await runtime.prepare(project: project)
            await runtime.close()
        }
        #expect(requests.filter { $0.hasPrefix("DELETE") } == ["DELETE /volumes/al-c-11111111"])
    }

    @Test("Volumes without a container are deleted when a scheduler starts, those of runs are not")
    func strays() async throws {
        let engine = FakeEngine { key, _ in
            switch key {
            case "GET /volumes":
                .init(
                    body: """
                        {"Volumes":[{"Name":"al-c-11111111","Labels":{"action-llama.run":"11111111"}},
                        {"Name":"al-c-22222222","Labels":{"action-llama.run":"22222222"}}]}
                        """
                )
            case "GET /containers/json":
                .init(
                    body: """
                        [{"State":"running","Labels":{"action-llama.agent":"dev","action-llama.run":"22222222"}}]
                        """
                )
            case "DELETE /volumes/al-c-11111111": .init(status: 204)
            default: nil
            }
        }
        let requests = try await engine.serve { endpoint, http in
            let runtime = try await runtime(endpoint, http)
            let route = try await runtime.prepare(project: ProjectID(rawValue: "0123456789ab"))
            #expect(route == GatewayRoute(listenAddress: nil, host: nil))
            await runtime.close()
        }
        #expect(requests.filter { $0.hasPrefix("DELETE") } == ["DELETE /volumes/al-c-11111111"])
    }

    @Test(
        "A server with other processors is refused, unless the image brings an executable of its own",
        arguments: [("riscv64", nil, false), ("amd64", nil, true), ("x86_64", nil, true), ("riscv64", "own:1", true)]
            as [(String, String?, Bool)]
    )
    func architecture(name: String, ownImage: String?, isFine: Bool) async throws {
        let directory = try TemporaryDirectory()
        let header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46] + [UInt8](repeating: 0, count: 14) + [0x3e, 0]
        try Data(header).write(to: URL(fileURLWithPath: "\(directory.path)/al"))
        let engine = FakeEngine { key, _ in
            key == "GET /info" ? .init(body: #"{"NCPU":2,"Architecture":"\#(name)"}"#) : nil
        }
        try await engine.serve { endpoint, http in
            let runtime = try await runtime(
                endpoint,
                http,
                executablePath: "\(directory.path)/al",
                ownImage: ownImage
            )
            do {
                try await runtime.requireOwnArchitecture()
                #expect(isFine)
            } catch let error as RuntimeError {
                #expect(!isFine && error.message.contains("riscv64") && error.message.contains("x86_64"))
            }
            await runtime.close()
        }
    }

    @Test("A script runs on any processor")
    func script() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("al", "#!/bin/sh\necho hello, this is long enough\n")
        #expect(ProcessorArchitecture(ofExecutable: path) == nil)
        #expect(ProcessorArchitecture(ofExecutable: "/none") == nil)
    }
}

extension TemporaryDirectory {
    /// Modes, owners and names in a tar archive, as tar itself reads them.
    fileprivate func listing(ofArchive bytes: [UInt8]) async throws -> [String] {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/archive.tar"))
        let text = try await Program.output(of: "tar", "--numeric-owner", "-tvf", "\(path)/archive.tar")
        return text.split(separator: "\n").map { line in
            let fields = line.split(separator: " ")
            return [fields.first, fields.dropFirst().first, fields.last].compactMap(\.self).joined(separator: " ")
        }
    }
}
