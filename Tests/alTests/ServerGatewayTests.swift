import Foundation
import Subprocess
import Synchronization
import TestSupport
import Testing

/// Commands about a scheduler that only its server reaches, behind a real ssh server on loopback.
@Suite(
    "A scheduler on a server",
    .enabled(if: LoopbackSSHServer.isPossible, "\(LoopbackSSHServer.requirement)"),
    .timeLimit(.minutes(5))
)
struct ServerGatewayTests {
    /// A project whose environment `prod` is the server, with an agent that a script plays.
    private func project(
        _ al: AlProcess,
        on server: LoopbackSSHServer,
        sshPort: Int? = nil,
        key: String? = nil,
        gateway: Int
    ) throws {
        try al.write(
            "config.toml",
            "[gateway]\nport = \(gateway)\n[models.s]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
        )
        try al.write("agents/dev/agent-config.toml", "models = [\"s\"]\nmanual = true\ncredentials = []\n")
        try al.write("agents/dev/ACTIONS.md", "Work.\n")
        try al.write("agents/dev/s.yaml", "turns:\n  - text: done\n")
        try al.write(
            "home/environments/prod.toml",
            """
            [server]
            host = "127.0.0.1"
            port = \(sshPort ?? server.port)
            keyPath = "\(key ?? server.keyPath)"
            [gateway]
            port = \(gateway)

            """
        )
    }

    /// What connections left at this machine.
    private func remains(of al: AlProcess) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(al.home)/run")
    }

    @Test("commands reach its gateway by ssh, with the key of this store, and leave no connection behind")
    func commands() async throws {
        try await LoopbackSSHServer.run { server in
            try await AlProcess.withDirectory { al in
                let port = try LoopbackSSHServer.freePort()
                try project(al, on: server, gateway: port)
                let place = "port \(port) of ssh://root@127.0.0.1:\(server.port)"
                let before = try await al.run("pause", "-E", "prod")
                #expect(before.code == 1)
                #expect(
                    before.error.contains(
                        "Scheduler is not running (nothing answers at \(place)). Start it on the server"
                    ),
                    "\(before.error)"
                )
                let code = try await al.scheduling { _ in
                    let stat = try await al.run("stat", "-E", "prod")
                    #expect(stat.code == 0 && stat.output.contains("Gateway: \(place)\n"), "\(stat)")
                    let run = try await al.run("run", "dev", "--wait", "-E", "prod")
                    #expect(run.code == 0 && run.output.contains("done"), "\(run)")
                    let logs = try await al.run("logs", "dev", "-E", "prod")
                    #expect(logs.code == 0 && logs.output.contains("done"), "\(logs)")
                    // Who has the environment and not the key.
                    try al.write("other/environments/prod.toml", try al.text("home/environments/prod.toml"))
                    try al.write("other/credentials/gateway_api_key/default/key", "another")
                    let home = ["ACTION_LLAMA_HOME": "\(al.directory)/other"] as [Environment.Key: String]
                    let stranger = try await al.run(["pause", "-E", "prod"], adding: home)
                    #expect(stranger.code == 1 && stranger.error.contains("\(place) does not accept the stored key"))
                    let stop = try await al.run("stop", "-E", "prod")
                    #expect(stop.code == 0 && stop.output.hasSuffix("Scheduler stopped\n"), "\(stop)")
                }
                #expect(code == 0)
                #expect(try remains(of: al).isEmpty)
            }
        }
    }

    @Test(
        "what listens in place of its gateway gets no key",
        arguments: [
            (200, "{}", "answered HTTP 200, but not as a gateway"),
            (401, #"{"error":"who?"}"#, "answered HTTP 401, but not as a gateway"),
            (404, #"{"error":"no page"}"#, "answered HTTP 404, but not as a gateway"),
            (-1, "", "closed the connection without an answer. Nothing was ordered."),
        ]
    )
    func stranger(status: Int, body: String, says: String) async throws {
        try await LoopbackSSHServer.run { server in
            try await AlProcess.withDirectory { al in
                try await FakeScheduler.serving({ _ in (status, body) }) { port, scheduler in
                    try project(al, on: server, gateway: port)
                    try al.store(["gateway_api_key/default/key": "0123456789"])
                    let result = try await al.run("stop", "-E", "prod")
                    #expect(result.code == 1 && result.error.contains(says), "\(result)")
                    #expect(scheduler.requests.map(\.target) == ["/health"])
                    #expect(scheduler.requests.allSatisfy { $0.authorization == nil })
                }
            }
        }
    }

    @Test("stop does not take the end of the ssh connection for that of the scheduler")
    func lostWhileStopping() async throws {
        try await LoopbackSSHServer.run { server in
            try await AlProcess.withDirectory { al in
                let isStopping = Mutex(false)
                try await FakeScheduler.serving({ request in
                    if request.target == "/control/stop" { isStopping.withLock { $0 = true } }
                    if request.target == "/health", isStopping.withLock({ $0 }) {
                        // Nor is there a way to make a new one.
                        unlink("\(server.directory)/authorized_keys")
                        endConnections(of: al)
                    }
                    return (200, #"{"status":"ok","message":"Scheduler stopping"}"#)
                }) { port, scheduler in
                    try project(al, on: server, gateway: port)
                    try al.store(["gateway_api_key/default/key": "0123456789"])
                    let result = try await al.run("stop", "-E", "prod")
                    #expect(result.code == 1, "\(result)")
                    #expect(result.output == "Scheduler stopping\n", "\(result)")
                    #expect(result.error.contains("\(server.port)"), "\(result)")
                    let asked = scheduler.requests.map { "\($0.target) \($0.authorization ?? "-")" }
                    #expect(asked == ["/health -", "/control/stop Bearer 0123456789", "/health -"])
                }
            }
        }
    }

    @Test("stop asks anew who is there after a lost answer, and goes when nothing but lost answers come")
    func lostAnswers() async throws {
        try await LoopbackSSHServer.run { server in
            try await AlProcess.withDirectory { al in
                let asked = Mutex<[String]>([])
                try await FakeScheduler.serving({ request in
                    let count = asked.withLock { asked in
                        asked.append("\(request.target) \(request.authorization ?? "-")")
                        return asked.count
                    }
                    // It would ask for ever.
                    if count > 20 { endConnections(of: al) }
                    let isLost = count == 4 || count > 7
                    return isLost ? (-1, "") : (200, #"{"status":"ok","message":"Scheduler stopping"}"#)
                }) { port, _ in
                    try project(al, on: server, gateway: port)
                    try al.store(["gateway_api_key/default/key": "0123456789"])
                    let result = try await al.run("stop", "-E", "prod")
                    #expect(result.code == 0 && result.output.hasSuffix("Scheduler stopped\n"), "\(result)")
                    let key = "Bearer 0123456789"
                    let known = ["/health -", "/control/stop \(key)", "/health -", "/control/status \(key)"]
                    let again = ["/health -", "/health -", "/control/status \(key)"]
                    #expect(asked.withLock { $0 } == known + again + Array(repeating: "/health -", count: 5))
                }
            }
        }
    }

    /// Ends the processes that hold ssh connections of a command.
    private func endConnections(of al: AlProcess) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = Int32(name), let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline"),
                String(decoding: line, as: UTF8.self).contains("\(al.home)/run/")
            else { continue }
            kill(process, SIGKILL)
        }
    }

    @Test("a server that cannot be reached, refuses the key or forbids to forward is told with what to do")
    func unreachable() async throws {
        try await LoopbackSSHServer.run(settings: ["AllowTcpForwarding no"]) { server in
            try await AlProcess.withDirectory { al in
                let gateway = try LoopbackSSHServer.freePort()
                let closed = try LoopbackSSHServer.freePort()
                let cases: [(port: Int?, key: String?, says: String)] = [
                    (closed, nil, "Nothing listens on port \(closed) of 127.0.0.1"),
                    (nil, "\(server.directory)/host", "Permission denied"),
                    (nil, "\(server.directory)/none", "\(server.directory)/none does not exist"),
                    (nil, nil, "forbids to forward its port \(gateway). Set AllowTcpForwarding yes"),
                ]
                for (port, key, says) in cases {
                    try project(al, on: server, sshPort: port, key: key, gateway: gateway)
                    for arguments in [["pause"], ["stat"], ["logs", "dev"], ["stop"]] {
                        let result = try await al.run(arguments + ["-E", "prod"])
                        #expect(result.code == 1 && result.output.isEmpty, "\(result)")
                        #expect(result.error.contains(says), "\(arguments): \(result.error)")
                    }
                    #expect(try remains(of: al).isEmpty)
                }
                let json = try await al.run("pause", "--json", "-E", "prod")
                #expect(json.output.contains(#""code": "gateway.tunnel""#), "\(json)")
            }
        }
    }
}
