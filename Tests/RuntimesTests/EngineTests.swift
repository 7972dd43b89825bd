import Crypto
import Domain
import Foundation
import Testing

@testable import Runtimes

@Suite("Engine connection")
struct EngineConnectionTests {
    @Test(
        "The version is the engine's, capped",
        arguments: [("1.41", "1.41"), ("1.44", "1.44"), ("1.51", "1.47"), (nil, "1.41")] as [(String?, String)]
    )
    func negotiates(offered: String?, chosen: String) throws {
        #expect(try EngineVersion.negotiate(offered: offered, minimum: nil).description == chosen)
    }

    @Test(
        "Engines without a common version are refused naming both",
        arguments: [("1.40", nil, ["1.40", "1.41"]), ("1.60", "1.50", ["1.50", "1.47"])]
            as [(String, String?, [String])]
    )
    func refuses(offered: String, minimum: String?, named: [String]) {
        do {
            _ = try EngineVersion.negotiate(offered: offered, minimum: minimum)
            Issue.record("accepted")
        } catch let error as RuntimeError {
            #expect(error.code == .unavailable)
            for version in named { #expect(error.message.contains(version)) }
        } catch { Issue.record(error) }
    }

    @Test("DOCKER_HOST is the only candidate when it is set; ssh:// is a server and none")
    func dockerHost() {
        func found(_ host: String) -> [String] {
            EngineEndpoint.candidates(
                environment: ["DOCKER_HOST": host],
                readFile: { _ in nil },
                mayExist: { _ in false }
            ).map(\.baseURL)
        }
        #expect(found("unix:///tmp/a b.sock") == ["http+unix://%2Ftmp%2Fa%20b.sock"])
        #expect(found("tcp://10.0.0.1:2375") == ["http://10.0.0.1:2375"])
        #expect(found("tcp://10.0.0.1/") == ["http://10.0.0.1:2375"])
        #expect(found("tcp://[fd00::1]/a") == ["http://[fd00::1]:2375/a"])
        #expect(found("ssh://me@host") == [])
    }

    @Test(
        "An engine of another machine is known by its address",
        arguments: [
            ("tcp://10.0.0.1:2375", true), ("tcp://docker:2375", true), ("tcp://127.0.0.1:2375", false),
            ("tcp://localhost:2375", false), ("unix:///s", false), ("tcp://0.0.0.0:2375", false),
            ("tcp://\(ProcessInfo.processInfo.hostName):2375", false),
        ]
    )
    func elsewhere(host: String, expected: Bool) throws {
        let endpoint = try #require(EngineEndpoint(dockerHost: host))
        #expect(endpoint.isElsewhere == expected)
        #expect(endpoint.warning?.contains("go to \(host) in the clear") == (expected ? true : nil))
    }

    private static let digest = SHA256.hash(data: Data("far".utf8)).map { String(format: "%02x", $0) }.joined()

    /// The engine of the context `far`, whose files for TLS exist and cannot be read, or of the environment.
    private static func first(
        _ environment: [String: String],
        host: String = "tcp://h:2376",
        settings: String = "",
        files: Set<String> = []
    ) -> EngineEndpoint? {
        let meta = #"{"Endpoints":{"docker":{"Host":"\#(host)"\#(settings)}}}"#
        return EngineEndpoint.candidates(
            environment: environment,
            readFile: { $0 == "/d/contexts/meta/\(digest)/meta.json" ? Array(meta.utf8) : nil },
            mayExist: { path in files.contains { path == "/d/contexts/tls/\(digest)/docker/\($0)" } }
        ).first
    }

    @Test("A context is spoken to over TLS if one file for that exists, readable or not", arguments: EngineTLS.names)
    func unreadableFile(name: String) {
        let context = ["DOCKER_CONFIG": "/d", "DOCKER_CONTEXT": "far"]
        let endpoint = Self.first(context, files: [name])
        let directory = "/d/contexts/tls/\(Self.digest)/docker"
        #expect(endpoint?.baseURL == "https://h:2376")
        #expect(endpoint?.tls == .files(directory: directory, needsAuthority: false))
        #expect(endpoint?.warning == nil)
        #expect(Self.first(context)?.baseURL == "http://h:2376")
    }

    @Test("TLS with any engine that answers is refused, not replaced by none")
    func unverified() throws {
        let context = ["DOCKER_CONFIG": "/d", "DOCKER_CONTEXT": "far"]
        let host = ["DOCKER_HOST": "tcp://h"]
        let endpoints = [
            Self.first(context, settings: #","SkipTLSVerify":true"#, files: ["ca.pem"]),
            Self.first(host.merging(["DOCKER_TLS": "1"]) { $1 }),
        ]
        for endpoint in endpoints {
            let endpoint = try #require(endpoint)
            #expect(endpoint.baseURL == "https://h:2376")
            let tls = try #require(endpoint.tls)
            #expect(throws: RuntimeError.self) { try tls.configuration() }
        }
        #expect(Self.first(context, settings: #","SkipTLSVerify":false"#)?.tls == nil)
    }

    @Test("An engine for which TLS is set up is not spoken to without")
    func tls() {
        let digest = Self.digest
        func first(_ environment: [String: String]) -> EngineEndpoint? {
            Self.first(environment, files: ["ca.pem"])
        }
        let context = ["DOCKER_CONFIG": "/d", "DOCKER_CONTEXT": "far"]
        #expect(first(context)?.baseURL == "https://h:2376")
        #expect(first(context)?.tls == .files(directory: "/d/contexts/tls/\(digest)/docker", needsAuthority: false))
        let verified = ["DOCKER_HOST": "tcp://h:2376", "DOCKER_TLS_VERIFY": "1", "HOME": "/me"]
        #expect(first(verified)?.baseURL == "https://h:2376")
        #expect(first(verified)?.tls == .files(directory: "/me/.docker", needsAuthority: true))
        #expect(first(verified.merging(["DOCKER_HOST": "tcp://h"]) { $1 })?.baseURL == "https://h:2376")
        #expect(first(verified)?.isElsewhere == true)
        let named = verified.merging(["DOCKER_CERT_PATH": "/c"]) { $1 }
        #expect(first(named)?.tls == .files(directory: "/c", needsAuthority: true))
        #expect(first(context.merging(["DOCKER_HOST": "tcp://h:2375"]) { $1 })?.baseURL == "http://h:2375")
        #expect(first(["DOCKER_HOST": "tcp://h:2375", "DOCKER_TLS_VERIFY": ""])?.baseURL == "http://h:2375")
        #expect(first(["DOCKER_HOST": "unix:///s", "DOCKER_TLS_VERIFY": "1"])?.baseURL == "http+unix://%2Fs")
    }

    @Test("The docker CLI's context comes first, then the known sockets")
    func context() {
        let digest = SHA256.hash(data: Data("desktop".utf8)).map { String(format: "%02x", $0) }.joined()
        let files = [
            "/home/a/.docker/config.json": #"{"currentContext":"desktop"}"#,
            "/home/a/.docker/contexts/meta/\(digest)/meta.json": #"{"Endpoints":{"docker":{"Host":"unix:///d.sock"}}}"#,
        ]
        let found = EngineEndpoint.candidates(
            environment: ["HOME": "/home/a", "XDG_RUNTIME_DIR": "/run/user/1"],
            readFile: { path in files[path].map { Array($0.utf8) } },
            mayExist: { _ in false }
        )
        #expect(
            found.map(\.description) == [
                "unix:///d.sock", "unix:///var/run/docker.sock", "unix:///run/user/1/docker.sock",
                "unix:///run/user/1/podman/podman.sock", "unix:///run/podman/podman.sock",
            ]
        )
    }

    @Test("A server is meant by DOCKER_HOST or by the context, and by nothing else")
    func chosen() {
        let digest = SHA256.hash(data: Data("far".utf8)).map { String(format: "%02x", $0) }.joined()
        let files = ["/d/contexts/meta/\(digest)/meta.json": #"{"Endpoints":{"docker":{"Host":"ssh://me@far"}}}"#]
        func found(_ environment: [String: String]) -> String? {
            EngineEndpoint.chosenHost(environment: environment) { path in files[path].map { Array($0.utf8) } }
        }
        let context = ["DOCKER_CONFIG": "/d", "DOCKER_CONTEXT": "far"]
        #expect(found(context) == "ssh://me@far")
        #expect(found(context.merging(["DOCKER_HOST": "ssh://near"]) { $1 }) == "ssh://near")
        #expect(found(context.merging(["DOCKER_CONTEXT": "default"]) { $1 }) == nil)
        #expect(found([:]) == nil)
    }

    @Test("Docker and Podman say differently that a name is taken")
    func nameTaken() {
        func answer(_ status: Int, _ message: String) -> EngineAnswer {
            EngineAnswer(status: status, body: Array(#"{"message":"\#(message)"}"#.utf8))
        }
        #expect(answer(409, "Conflict").saysNameTaken)
        #expect(answer(500, "network already exists").saysNameTaken)
        #expect(answer(500, "the name is already in use").saysNameTaken)
        #expect(!answer(500, "out of space").saysNameTaken)
        let error = answer(500, "out of space").failure(to: "create it")
        #expect(error.message == "The container engine could not create it: out of space (status 500).")
    }
}

@Suite("Container request")
struct ContainerSpecTests {
    static func launch(prompt: String = "hi", staging: String? = "/s") throws -> Launch {
        let name = try AgentName("dev")
        var agent = AgentConfig(name: name, model: ModelConfig(provider: .scripted, model: "script"))
        agent.timeout = 60
        return Launch(
            project: ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: "/p"),
            agent: agent,
            instance: InstanceID(agent: name, run: RunID(bits: 0x1a2b_3c4d)),
            trigger: .schedule(slot: nil),
            image: "sha256:1",
            prompt: prompt,
            gatewayURL: "http://gateway:8080",
            secret: "s3",
            stagingDirectory: staging,
            limits: LocalSettings(),
            stopGrace: 10,
            environment: ["AL_X": "1"]
        )
    }

    private static func mount(_ source: String, _ target: String) -> JSONValue {
        ["Type": "bind", "Source": .string(source), "Target": .string(target), "ReadOnly": true]
    }

    private func spec(_ launch: Launch, isPodman: Bool = false, promptFile: String? = nil) -> JSONValue {
        ContainerSpec(
            launch: launch,
            image: "sha256:1",
            hostEntry: "gateway:172.18.0.1",
            processors: 1,
            isPodman: isPodman,
            promptFile: promptFile
        ).json
    }

    @Test("A sealed run has no network, a socket instead of it, and the gateway at its own loopback")
    func sealed() throws {
        var launch = try Self.launch(staging: nil)
        launch.egressDirectory = "/p/.al/egress/mount"
        let host = try #require(spec(launch)["HostConfig"])
        #expect(host["NetworkMode"] == "none")
        #expect(host["ExtraHosts"] == ["gateway:127.0.0.1"])
        #expect(host["Mounts"] == [Self.mount("/p/.al/egress/mount", "/run/al/egress")])
        #expect(spec(launch)["Env"]?.arrayValue?.contains("AL_EGRESS_SOCKET=/run/al/egress/proxy") == true)
    }

    @Test("The body is exactly the agreed one")
    func golden() throws {
        let expected = """
            {"Image":"sha256:1","Hostname":"dev","User":"1000:1000","StopTimeout":10,"Env":["AL_AGENT_NAME=dev",\
            "AL_INSTANCE_ID=dev-1a2b3c4d","AL_TRIGGER=schedule","AL_X=1","GATEWAY_URL=http://gateway:8080","PROMPT=hi",\
            "SHUTDOWN_SECRET=s3","TIMEOUT_SECONDS=60"],"Labels":{"action-llama.project":"0123456789ab",\
            "action-llama.agent":"dev","action-llama.run":"1a2b3c4d"},"HostConfig":{"NetworkMode":"al-net",\
            "ExtraHosts":["gateway:172.18.0.1"],"ReadonlyRootfs":true,"CapDrop":["ALL"],\
            "SecurityOpt":["no-new-privileges:true"],"PidsLimit":256,"Memory":4294967296,"MemorySwap":4294967296,\
            "NanoCpus":1000000000,"Tmpfs":{"/tmp":"rw,exec,nosuid,nodev,size=2147483648,uid=1000,gid=1000,mode=1777",\
            "/workspace":"rw,exec,nosuid,nodev,size=2147483648,uid=1000,gid=1000,mode=0755",\
            "/home/node":"rw,exec,nosuid,nodev,size=67108864,uid=1000,gid=1000,mode=0755"},\
            "Mounts":[{"Type":"bind","Source":"/s/mount","Target":"/credentials","ReadOnly":true}],\
            "LogConfig":{"Type":"json-file","Config":{"max-size":"50m","max-file":"2"}},\
            "RestartPolicy":{"Name":"no"},"AutoRemove":false}}
            """
        #expect(spec(try Self.launch()).compactText == expected)
    }

    @Test("What the files of a run show masked comes in a variable, without the instructions")
    func maskedConfiguration() throws {
        var launch = try Self.launch()
        launch.agent.instructions = "Do it."
        launch.agent.model.headers = ["X-Api-Key": "key-0123456789"]
        let variables = RunEnvironment(launch, promptFile: nil).variables
        var config = try AgentConfig(json: JSONValue(parsing: try #require(variables["AGENT_CONFIG"])))
        #expect(config.instructions.isEmpty)
        config.instructions = "Do it."
        #expect(config == launch.agent)
    }

    @Test("Podman gets its own tmpfs options")
    func podman() throws {
        let tmp = spec(try Self.launch(), isPodman: true)["HostConfig"]?["Tmpfs"]?["/tmp"]?.stringValue
        #expect(tmp == "rw,exec,nosuid,nodev,size=2147483648,mode=1777,U")
    }

    @Test("A filter of system calls is named beside the other options")
    func seccomp() throws {
        let body = ContainerSpec(
            launch: try Self.launch(),
            image: "sha256:1",
            hostEntry: "gateway:172.18.0.1",
            processors: 1,
            isPodman: true,
            seccompFile: "/s/seccomp.json"
        ).json
        #expect(body["HostConfig"]?["SecurityOpt"] == ["no-new-privileges:true", "seccomp=/s/seccomp.json"])
    }

    @Test("A large prompt travels in a file and nothing is bound without need")
    func prompt() throws {
        let large = try Self.launch(prompt: String(repeating: "x", count: 200 << 10), staging: nil)
        #expect(RunEnvironment.needsPromptFile(large))
        let body = spec(large, promptFile: "/s/prompt/prompt")
        let environment = body["Env"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(environment.contains("AL_PROMPT_FILE=/run/al/prompt"))
        #expect(!environment.contains { $0.hasPrefix("PROMPT=") })
        #expect(body["HostConfig"]?["Mounts"] == [Self.mount("/s/prompt/prompt", "/run/al/prompt")])
        #expect(spec(try Self.launch(staging: nil))["HostConfig"]?["Mounts"] == nil)
    }

    @Test("A colon in the project's path divides nothing")
    func colon() throws {
        let host = spec(try Self.launch(staging: "/a:b"))["HostConfig"]
        #expect(host?["Mounts"] == [Self.mount("/a:b/mount", "/credentials")])
        #expect(host?["Binds"] == nil)
    }
}
