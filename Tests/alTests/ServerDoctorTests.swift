import Foundation
import TestSupport
import Testing

/// `al doctor` about a server behind a real ssh server on loopback.
@Suite(
    "What the doctor says about a server",
    .enabled(if: LoopbackSSHServer.isPossible, "\(LoopbackSSHServer.requirement)"),
    .timeLimit(.minutes(5))
)
struct ServerDoctorTests {
    private static let engine = ProcessInfo.processInfo.environment["AL_TEST_DOCKER_HOST"]
        .flatMap { $0.hasPrefix("unix://") ? String($0.dropFirst("unix://".count)) : nil }

    private func doctor(
        _ server: LoopbackSSHServer,
        port: Int,
        extra: String = "",
        _ check: (AlProcess.Result) -> Void
    ) async throws {
        try await AlProcess.withDirectory { al in
            try al.write(
                "config.toml",
                """
                \(extra)
                [model]
                provider = "scripted"
                model = "s.yaml"
                [cloud]
                provider = "vps"
                host = "127.0.0.1"
                sshPort = \(port)
                sshKeyPath = "\(server.keyPath)"
                """
            )
            try al.write("agents/dev/agent-config.toml", "credentials = []\nmanual = true\n")
            try al.write("agents/dev/ACTIONS.md", "x")
            try al.write("agents/dev/s.yaml", "turns: [ { text: x } ]\n")
            check(try await al.run("doctor", "--check-only"))
        }
    }

    @Test("a server that refuses the connection is a failure with its name and what to look at")
    func refused() async throws {
        try await LoopbackSSHServer.run { server in
            let port = try LoopbackSSHServer.freePort()
            try await doctor(server, port: port) { result in
                let address = "ssh://root@127.0.0.1:\(port)"
                #expect(result.code == 1)
                #expect(result.output.contains("[fail] Runs cannot be started on the server. \(address): "))
                #expect(result.output.contains("Nothing listens on port \(port)"))
            }
        }
    }

    @Test(
        "the engine, the grade, what runs lack without a gateway, and a list that nothing enforces there",
        .enabled(if: engine != nil, "AL_TEST_DOCKER_HOST is no unix socket")
    )
    func sound() async throws {
        try await LoopbackSSHServer.run(engineSocket: Self.engine) { server in
            let address = "ssh://root@127.0.0.1:\(server.port)"
            try await doctor(server, port: server.port) { result in
                #expect(result.output.contains("[ok] Runtime: ssh-docker, as [cloud] says: Docker at \(address)."))
                #expect(result.output.contains("[warn] Runs on the server do not reach this machine"))
                #expect(
                    result.output.contains("[ok] Agent dev: ssh-docker, isolation C: container with an open network")
                )
            }
            let more = "network = { allow = [\"x.org\"] }\ngateway = { url = \"http://10.0.0.1:8080\" }"
            try await doctor(server, port: server.port, extra: more) { result in
                #expect(!result.output.contains("do not reach this machine"))
                #expect(result.output.contains("[fail] agent `dev`: network.allow cannot be enforced here"))
            }
        }
    }
}
