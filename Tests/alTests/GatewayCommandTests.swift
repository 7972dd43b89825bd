import Domain
import Foundation
import Scheduler
import Storage
import Subprocess
import Synchronization
import TestSupport
import Testing

@testable import al

@Suite("Commands that talk to the scheduler", .timeLimit(.minutes(5)))
struct GatewayCommandTests {
    /// A project with agents `dev` (scheduled) and `dev-ops`, whose gateway has this port.
    private func project(_ al: AlProcess, port: Int) throws {
        try al.write("config.toml", "[gateway]\nurl = \"http://localhost:\(port)\"\n")
        try al.write(
            "agents/dev/agent-config.toml",
            "schedule = \"0 0 1 1 *\"\ntimezone = \"UTC\"\n[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
        )
        try al.write(
            "agents/dev-ops/agent-config.toml",
            "manual = true\n[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
        )
        for name in ["dev", "dev-ops"] {
            try al.write("agents/\(name)/ACTIONS.md", "Work.\n")
            try al.write("agents/\(name)/s.yaml", "turns:\n  - text: done\n")
        }
    }

    /// Holds the project's lock as a scheduler that answers at this port does.
    private func lock(_ al: AlProcess, port: Int) throws -> ProjectLock {
        let owner = LockOwner(process: 1, host: "h", port: port, startedAt: Date(timeIntervalSince1970: 0))
        return try ProjectLock(stateDirectory: al.directory + "/.al", owner: owner)
    }

    static let orders: [[String]] = [
        ["run", "dev"], ["stop"], ["pause"], ["pause", "dev"], ["resume"], ["resume", "dev"], ["kill", "dev"],
    ]

    @Test("20.15.3 without a scheduler each says so and ends with 1", arguments: orders)
    func notRunning(arguments: [String]) async throws {
        try await AlProcess.withDirectory { al in
            // The port was free a moment ago and nobody listens on it.
            let port = Mutex(0)
            try await FakeScheduler.serving({ _ in (200, "{}") }) { number, _ in port.withLock { $0 = number } }
            try project(al, port: port.withLock { $0 })
            let result = try await al.run(arguments)
            #expect(result.code == 1)
            #expect(result.output.isEmpty)
            #expect(result.error.contains("Scheduler is not running"))
            #expect(result.error.contains("al start"))
        }
    }

    /// What a gateway may answer, and what a person then reads.
    private static let replies: [(status: Int, body: String, code: Int32, says: String)] = [
        (200, #"{"success":true,"message":"Agent dev paused"}"#, 0, "Agent dev paused"),
        (404, #"{"error":"Agent dev not found"}"#, 1, "Error: Agent dev not found"),
        (401, #"{"error":"Unauthorized"}"#, 1, "does not accept the stored key"),
        (503, #"{"error":"Pause not available"}"#, 1, "Error: Pause not available"),
        (502, "<html>\(String(repeating: "x", count: 300))</html>", 1, "answered HTTP 502, but not as a gateway"),
    ]

    @Test("every kind of answer becomes one sentence and an exit code", arguments: replies)
    func answers(status: Int, body: String, code: Int32, says: String) async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (status, body) }) { port, scheduler in
                try project(al, port: port)
                let result = try await al.run("pause", "dev")
                #expect(result.code == code)
                #expect((result.output + result.error).contains(says))
                #expect((result.output + result.error).count < 400)
                #expect(scheduler.requests.map(\.target) == ["/control/agents/dev/pause"])
            }
        }
    }

    @Test("what answers at the port of a project whose scheduler does not run is another's, and gets no order")
    func stranger() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, #"{"success":true,"message":"Done"}"#) }) { port, scheduler in
                try project(al, port: port)
                try al.write("config.toml", "[gateway]\nport = \(port)\n")
                // A scheduler that is gone has left the port it had.
                let owner = #"{"pid":1,"host":"h","port":\#(port),"startedAt":0}"#
                try al.write(".al/scheduler.lock", owner)
                // Another command looks at the same time.
                let look = open(al.directory + "/.al/scheduler.lock", O_RDONLY | O_CLOEXEC)
                defer { close(look) }
                try #require(flock(look, LOCK_SH | LOCK_NB) == 0)
                for arguments in Self.orders {
                    let result = try await al.run(arguments)
                    #expect(result.code == 1)
                    #expect(result.error.contains("another project's or another program"), "\(result.error)")
                }
                let stat = try await al.run("stat")
                #expect(stat.output.contains("Status: Not running"), "\(stat.output)")
                #expect(Set(scheduler.requests.map(\.target)) == ["/health"])
                #expect(scheduler.requests.allSatisfy { $0.authorization == nil })
            }
        }
    }

    @Test("the port of the scheduler that holds the project's lock is asked, whatever the files say")
    func ownPort() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, #"{"success":true,"message":"Done"}"#) }) { port, scheduler in
                try project(al, port: port)
                try al.write("config.toml", "[gateway]\nport = 1\n")
                let lock = try lock(al, port: port)
                defer { lock.release() }
                #expect(try await al.run("pause").output == "Done\n")
                // Only the containers of such an environment are elsewhere.
                try al.write("home/environments/x.toml", "[cloud]\nprovider = \"vps\"\nhost = \"10.0.0.1\"\n")
                #expect(try await al.run("pause", "-E", "x").output == "Done\n")
                #expect(scheduler.requests.map(\.target) == ["/control/pause", "/control/pause"])
            }
        }
    }

    @Test("who cannot read the lock reaches the configured port, and is not told that no scheduler runs")
    func unreadableLock() async throws {
        try await AlProcess.withDirectory { al in
            let path = al.directory + "/.al/scheduler.lock"
            try await FakeScheduler.serving({ _ in (200, #"{"success":true,"message":"Done"}"#) }) { port, scheduler in
                try project(al, port: port)
                try al.write("config.toml", "[gateway]\nport = \(port)\n")
                // Nobody can open it, the superuser neither.
                try al.write(".al/logs/dev-2026-01-14.log", "")
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
                #expect(try await al.run("pause").output == "Done\n")
                #expect(scheduler.requests.map(\.target) == ["/control/pause"])
            }
            for arguments in Self.orders + [["stat"], ["logs", "dev"], ["logs", "dev", "-d", "2026-01-14"]] {
                let result = try await al.run(arguments)
                #expect(result.code == 1)
                #expect(result.output.isEmpty)
                for part in ["cannot be told", "you cannot read \(path),", "gateway.url"] {
                    #expect(result.error.contains(part), "\(arguments): \(result.error)")
                }
            }
            #expect(try await al.run("doctor").output.contains("cannot be told: you cannot read \(path)"))
        }
    }

    /// Files behind which the scheduler of another machine may be meant.
    private static let misleading: [(path: String, text: String, environment: String?, says: String)] = [
        ("home/environments/x.toml", "[server]\nhost = \"REPLACE_ME\"\n", "x", "server.host: is still REPLACE_ME"),
        (
            "home/environments/x.toml", "[server]\nhost = \"h\"\n[cloud]\nprovider = \"vps\"\n", "x",
            "exclude each other"
        ),
        ("home/environments/x.toml", "[server]\nhost = \"-oProxyCommand=x\"\n", "x", "expected the names of a host"),
        ("home/environments/x.toml", "[server]\nhost = \"h\"\n[gateway]\nport = 0\n", "x", "gateway.port: expected"),
        ("home/environments/x.toml", "no TOML", "x", "x.toml:1"),
        ("home/environments/x.toml", "[gateway]\nurl = \"prod.example.com\"\n", "x", "is not an http(s) URL"),
        (".env.toml", "environment = ", nil, ".env.toml:1"),
        (".env.toml", "environment = 5\n", nil, "environment: expected text"),
        ("config.toml", "[gateway]\nurl = \"notaurl\"\n", nil, "is not an http(s) URL"),
    ]

    @Test("the scheduler of this machine is not taken for one that the files do not name", arguments: misleading)
    func misled(path: String, text: String, environment: String?, says: String) async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, #"{"success":true,"message":"Done"}"#) }) { port, scheduler in
                try project(al, port: port)
                let lock = try lock(al, port: port)
                defer { lock.release() }
                try al.write("config.toml", "")
                try al.write(path, text)
                for arguments in Self.orders + [["stat"], ["logs", "dev"], ["logs", "dev", "-d", "2026-01-14"]] {
                    let result = try await al.run(arguments + (environment.map { ["-E", $0] } ?? []))
                    #expect(result.code == 1)
                    #expect(result.error.hasPrefix("Configuration error: "), "\(arguments): \(result.error)")
                    #expect(result.error.contains(says), "\(arguments): \(result.error)")
                }
                #expect(scheduler.requests.isEmpty)
            }
        }
    }

    /// How the environment of a server is chosen, and what its file says.
    private static let servers: [(arguments: [String], variable: String?, bound: String, extra: String)] = [
        (["-E", "prod"], nil, "", ""), ([], "prod", "", ""), ([], nil, "environment = \"prod\"\n", ""),
        (["-E", "prod"], nil, "", "[gateway]\nurl = \"https://al.example.com\"\n"),
    ]

    @Test("a scheduler that belongs on a server is not started here", arguments: servers)
    func startElsewhere(arguments: [String], variable: String?, bound: String, extra: String) async throws {
        try await AlProcess.withDirectory { al in
            try project(al, port: 1)
            try al.write("config.toml", "")
            try al.write(".env.toml", bound)
            try al.write("home/environments/prod.toml", "[server]\nhost = \"10.0.0.1\"\n" + extra)
            let more: [Environment.Key: String] = variable.map { ["AL_ENV": $0] } ?? [:]
            let result = try await al.run(["start", "-H", "--no-docker"] + arguments, adding: more)
            #expect(result.code == 1)
            #expect(result.error.contains("run al start on the server itself"), "\(result.error)")
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/.al"))
            let doctor = try await al.run(["doctor", "--check-only"] + arguments, adding: more)
            let warning = "Environment prod is a server, which is not examined: all of this is about this machine"
            #expect(doctor.output.contains("[warn] \(warning)"), "\(doctor.output)")
        }
    }

    @Test("in an agent's place a chat begins without a scheduler too, and says so where the files name none")
    func chatWithoutScheduler() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "[gateway]\nport = 1\n")
            try al.write("home/environments/x.toml", "[server]\nhost = \"REPLACE_ME\"\n")
            let context = try ProjectContext(directory: al.directory, home: al.home, environment: "x")
            let elsewhere = await context.schedulerAbsence()
            #expect(elsewhere?.contains("is still REPLACE_ME") == true)
            let here = try ProjectContext(directory: al.directory, home: al.home, environment: nil)
            let nowhere = await here.schedulerAbsence()
            #expect(nowhere?.hasPrefix("No scheduler answers at http://127.0.0.1:1:") == true)
            try await FakeScheduler.serving({ _ in (200, "{}") }) { port, _ in
                let lock = try lock(al, port: port)
                defer { lock.release() }
                let answer = await here.schedulerAbsence()
                #expect(answer == nil)
            }
        }
    }

    @Test("a redirection is said, not followed")
    func redirected() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, #"{"success":true,"message":"evil"}"#) }) { other, elsewhere in
                let target = "http://localhost:\(other)/x"
                try await FakeScheduler.serving({ _ in (302, target) }) { port, _ in
                    try project(al, port: port)
                    let result = try await al.run("pause")
                    #expect(result.code == 1)
                    #expect(result.output.isEmpty)
                    #expect(result.error.contains("redirects to \(target): set gateway.url"), "\(result.error)")
                    #expect(elsewhere.requests.isEmpty)
                }
            }
        }
    }

    @Test("a connection that ends without an answer does not mean that no scheduler runs")
    func noAnswer() async throws {
        try await AlProcess.withDirectory { al in
            // A tunnel to nowhere takes the order and hangs up.
            try await ConnectProxy.run(target: 1) { _, address in
                try project(al, port: try #require(address.split(separator: ":").last.flatMap { Int($0) }))
                let result = try await al.run("run", "dev")
                #expect(result.code == 1)
                #expect(result.error.contains("closed the connection without an answer"), "\(result.error)")
                #expect(!result.error.contains("not running"))
            }
        }
    }

    @Test("what a gateway says cannot command the terminal", arguments: [200, 503])
    func escapes(status: Int) async throws {
        try await AlProcess.withDirectory { al in
            let answer = #"{"message":"\u001b[2Jpaused","error":"\u001b[2Jpaused"}"#
            try await FakeScheduler.serving({ _ in (status, answer) }) { port, _ in
                try project(al, port: port)
                let result = try await al.run("pause")
                #expect((result.output + result.error).contains("paused"))
                #expect(!(result.output + result.error).contains("\u{1B}"))
            }
        }
    }

    @Test(
        "what runs and senders wrote cannot command the terminal",
        arguments: [["stat"], ["stat", "dev"], ["stat", "--json"], ["webhook", "list"], ["webhook", "show", "r1"]]
    )
    func foreignTexts(arguments: [String]) async throws {
        let text = #"\u001b[2J\u001b]0;title\u0007\u009b2Jmark\u202e"#
        let answer =
            #"{"locks":[{"resourceKey":"\#(text)\nAgents:","agentName":"dev","heldSince":0}],"#
            + #""agents":[{"name":"dev","state":"idle","lastError":"\#(text)"}],"#
            + #""deliveries":[{"receiptId":"r1","summary":"\#(text)"}],"#
            + #""delivery":{"receiptId":"r1","summary":"\#(text)","headers":{"x":"\#(text)"}}}"#
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, answer) }) { port, _ in
                try project(al, port: port)
                let result = try await al.run(arguments)
                #expect(result.code == 0)
                #expect(result.output.contains("mark"), "\(result.output)")
                let commands: [Unicode.Scalar] = ["\u{1B}", "\u{7}", "\u{9B}", "\u{202E}"]
                #expect(!result.output.unicodeScalars.contains(where: commands.contains), "\(result.output)")
                // Nobody else makes a line that begins a part of the report.
                #expect(!result.output.contains("mark\nAgents:"))
                guard arguments.contains("--json") else { return }
                let error = try JSONValue(parsing: result.output)["agents"]?.arrayValue?.first?["lastError"]
                #expect(error == .string("\u{1B}[2J\u{1B}]0;title\u{7}\u{9B}2Jmark\u{202E}"))
            }
        }
    }

    @Test("a host that is not known is named with the cause")
    func unknownHost() async throws {
        try await AlProcess.withDirectory { al in
            try project(al, port: 8080)
            try al.write("config.toml", "[gateway]\nurl = \"https://gateway.invalid\"\n")
            for arguments in [["pause"], ["stat"], ["logs", "dev"], ["stats"]] {
                let result = try await al.run(arguments)
                #expect(result.code == 1)
                #expect(result.error.contains("https://gateway.invalid"), "\(arguments): \(result.error)")
            }
        }
    }

    @Test("20.15.5 kill tries the agent, then the instance; the second 404 counts")
    func kill() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ (404, #"{"error":"\#($0.target) not found"}"#) }) { port, scheduler in
                try project(al, port: port)
                let result = try await al.run("kill", "no/body")
                #expect(result.code == 1)
                #expect(result.error.contains("/control/kill/no%2Fbody not found"))
                #expect(
                    scheduler.requests.filter { $0.method == "POST" }.map(\.target)
                        == ["/control/agents/no%2Fbody/kill", "/control/kill/no%2Fbody"]
                )
            }
        }
    }

    @Test(
        "an empty name is refused before anything is asked",
        arguments: [
            ["kill", ""], ["pause", ""], ["resume", ""], ["logs", ""], ["webhook", "show", ""],
            ["webhook", "replay", "d1", ""], ["why", ""], ["logs", "dev", "-i", ""],
        ]
    )
    func emptyName(arguments: [String]) async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, "{}") }) { port, scheduler in
                try project(al, port: port)
                let result = try await al.run(arguments)
                #expect(result.code == 1)
                #expect(result.error.contains(" is empty"), "\(result.error)")
                #expect(scheduler.requests.isEmpty)
            }
        }
    }

    @Test("a name that is no agent's and of which nothing is kept is an error", arguments: ["logs", "stats"])
    func unknownAgent(command: String) async throws {
        try await AlProcess.withDirectory { al in
            let nothing = #"{"entries":[],"cursor":null,"hasMore":false,"rows":[],"calls":[],"runs":[],"total":0}"#
            try await FakeScheduler.serving({ _ in (200, nothing) }) { port, _ in
                try project(al, port: port)
                let result = try await al.run(command, "dew")
                #expect(result.code == 1)
                #expect(
                    result.error
                        == "Error: Agent \"dew\" not found. Did you mean dev? Available agents: dev, dev-ops.\n"
                )
                #expect(try await al.run(command, "dev").code == 0)
            }
        }
    }

    @Test("a run without a conversation cannot be recorded or replayed, and that is said")
    func noConversation() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (200, #"{"entries":[]}"#) }) { port, _ in
                try project(al, port: port)
                for arguments in [["record", "dev-00000001"], ["run", "--replay", "dev-00000001"]] {
                    let result = try await al.run(arguments)
                    #expect(result.code == 1)
                    #expect(result.error.hasPrefix("Error: dev-00000001 has no conversation: it ran a script"))
                }
            }
        }
    }

    @Test(
        "why a conversation cannot be had is said",
        arguments: [
            (401, #"{"error":"Unauthorized"}"#, "does not accept the stored key"),
            (502, "<html>", "answered HTTP 502, but not as a gateway"),
            (404, #"{"error":"Run not found"}"#, "no scheduler has it"),
        ]
    )
    func conversationOutOfReach(status: Int, body: String, says: String) async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ _ in (status, body) }) { port, _ in
                try project(al, port: port)
                for arguments in [["record", "dev-00000001"], ["run", "--replay", "dev-00000001"]] {
                    let result = try await al.run(arguments)
                    #expect(result.code == 1)
                    #expect(result.error.contains(says), "\(result.error)")
                }
            }
        }
    }

    @Test("of a scheduler elsewhere that does not answer, nobody says what it has")
    func conversationElsewhere() async throws {
        try await AlProcess.withDirectory { al in
            try project(al, port: 1)
            let here = try await al.run("record", "dev-00000001")
            #expect(here.error.contains("no scheduler has it"), "\(here.error)")
            // It leads to this machine, but is not known to.
            try al.write("config.toml", "[gateway]\nurl = \"http://0.0.0.0:1\"\n")
            let elsewhere = try await al.run("record", "dev-00000001")
            #expect(elsewhere.code == 1)
            #expect(elsewhere.error.contains("nothing answers at http://0.0.0.0:1"), "\(elsewhere.error)")
        }
    }

    @Test("record --json names the run and where its script is")
    func recordAsJSON() async throws {
        try await AlProcess.withDirectory { al in
            try project(al, port: 1)
            let transcript = #"{"type":"session","v":1,"trigger":"manual"}"# + "\n"
            try al.write(".al/transcripts/dev-00000001.jsonl", transcript)
            let script = try await al.run("record", "dev-00000001", "--json")
            let shown = try JSONValue(parsing: script.output)
            #expect(shown["instanceId"] == "dev-00000001")
            #expect(shown["script"]?.stringValue?.contains("turns:") == true, "\(script.output)")
            let result = try await al.run("record", "dev-00000001", "--json", "--out", "script.yaml")
            #expect(try JSONValue(parsing: result.output) == ["instanceId": "dev-00000001", "file": "script.yaml"])
            #expect(result.error.isEmpty)
            #expect(try al.text("script.yaml").contains("turns:"))
        }
    }

    @Test("kill says that waiting work starts next")
    func killBesideWaiting() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                request.method == "POST"
                    ? (200, #"{"success":true,"message":"Killed","killed":1}"#)
                    : (200, #"{"agents":[{"name":"dev","queuedWebhooks":2}]}"#)
            }) { port, _ in
                try project(al, port: port)
                let result = try await al.run("kill", "dev-a1b2c3d4")
                #expect(
                    result.output == "Killed\n2 waiting items are next; al pause dev keeps what still waits.\n"
                )
            }
        }
    }

    /// What is enabled and waits, how much of it was ordered by hand, and what kill says of it.
    private static let orderedByHand: [(enabled: Bool, waiting: Int, orders: Int, says: String)] = [
        (true, 3, 1, "3 waiting items are next; al pause dev keeps what still waits, but for 1 ordered by hand.\n"),
        (true, 1, 1, "1 waiting item is next, ordered by hand, which al pause does not keep.\n"),
        (false, 3, 2, "2 waiting items are next, ordered by hand, which al pause does not keep.\n"),
        (false, 3, 0, ""),
    ]

    @Test("kill says that no pause keeps what was ordered by hand", arguments: orderedByHand)
    func killBesideOrders(enabled: Bool, waiting: Int, orders: Int, says: String) async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                if request.method == "POST" { return (200, #"{"success":true,"message":"Killed","killed":1}"#) }
                guard request.target == "/api/queue?agent=dev" else {
                    return (200, #"{"agents":[{"name":"dev","enabled":\#(enabled),"queuedWebhooks":\#(waiting)}]}"#)
                }
                let types = (0..<waiting).map { $0 < orders ? "manual" : "webhook" }
                return (
                    200, #"{"items":[\#(types.map { #"{"trigger":{"type":"\#($0)"}}"# }.joined(separator: ","))]}"#
                )
            }) { port, _ in
                try project(al, port: port)
                #expect(try await al.run("kill", "dev").output == "Killed\n" + says)
            }
        }
    }

    @Test("of a paused scheduler kill does not say that anything starts")
    func killWhilePaused() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                request.method == "POST"
                    ? (200, #"{"success":true,"message":"Killed","killed":1}"#)
                    : (200, #"{"scheduler":{"paused":true},"agents":[{"name":"dev","queuedWebhooks":2}]}"#)
            }) { port, _ in
                try project(al, port: port)
                #expect(try await al.run("kill", "dev").output == "Killed\n")
            }
        }
    }

    @Test("kill says when the schedule starts the agent again")
    func killDoesNotPause() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                request.method == "POST"
                    ? (200, #"{"success":true,"message":"Killed 1 instance(s) of dev","killed":1}"#)
                    : (200, #"{"agents":[{"name":"dev","nextRunAt":"2026-12-01T10:00:00.000Z"}]}"#)
            }) { port, _ in
                try project(al, port: port)
                let result = try await al.run("kill", "dev")
                #expect(
                    result.output == """
                        Killed 1 instance(s) of dev
                        The schedule of dev starts it again at 2026-12-01 10:00:00; al pause dev prevents that.

                        """
                )
                let json = try await al.run("kill", "dev", "--json")
                #expect(json.output == #"{"success":true,"message":"Killed 1 instance(s) of dev","killed":1}"# + "\n")
            }
        }
    }

    @Test(
        "run sends the task, and --wait ends with the code of the run",
        arguments: [(0, "succeeded"), (11, "failed")]
    )
    func wait(code: Int, state: String) async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                if request.method == "POST" {
                    return (200, #"{"success":true,"message":"Agent dev triggered","instanceId":"dev-00000001"}"#)
                }
                if request.target == "/api/runs/dev-00000001" {
                    return (
                        200,
                        #"{"run":{"instanceId":"dev-00000001","state":"\#(state)","exitCode":\#(code),"endedAt":"x"}}"#
                    )
                }
                return (200, #"{"entries":[],"cursor":null,"hasMore":false}"#)
            }) { port, scheduler in
                try project(al, port: port)
                let result = try await al.run("run", "dev", "say \"hi\"", "--wait")
                #expect(result.code == Int32(code))
                #expect(result.output == "Agent dev triggered\n")
                #expect(scheduler.requests.first?.body == ["prompt": "say \"hi\""])
            }
        }
    }

    @Test(
        "run --wait goes on when the scheduler goes away and comes back, also behind a proxy",
        arguments: [(0, ""), (502, "<html>Bad Gateway</html>"), (503, #"{"message":"no healthy upstream"}"#)]
    )
    func waitOverRestart(status: Int, body: String) async throws {
        try await AlProcess.withDirectory { al in
            let isAsked = Mutex(false)
            try await FakeScheduler.serving({ request in
                if request.method == "POST" { return (200, #"{"message":"triggered","instanceId":"dev-00000001"}"#) }
                guard request.target == "/api/runs/dev-00000001" else { return (200, #"{"entries":[]}"#) }
                let wasAsked = isAsked.withLock { isAsked in
                    defer { isAsked = true }
                    return isAsked
                }
                guard wasAsked else { return (status, body) }
                return (200, #"{"run":{"instanceId":"dev-00000001","state":"failed","exitCode":11,"endedAt":"x"}}"#)
            }) { port, _ in
                try project(al, port: port)
                let result = try await al.run("run", "dev", "--wait")
                #expect(result.code == 11, "\(result.error)")
                #expect(result.error.hasSuffix("Waiting for it.\n"))
            }
        }
    }

    /// Takes orders for a run, then lets `leave` say that it is gone and does not answer any more.
    private func leaving(
        _ leave: @escaping @Sendable () -> Void,
        run: String = "dev-00000001",
        _ body: (_ port: Int, _ scheduler: FakeScheduler) async throws -> Void
    ) async throws {
        try await FakeScheduler.serving(
            { request in
                if request.method == "POST" { return (200, #"{"message":"triggered","instanceId":"\#(run)"}"#) }
                guard request.target == "/api/runs/\(run)" else { return (200, #"{"entries":[]}"#) }
                leave()
                return (0, "")
            },
            body
        )
    }

    @Test("run waits for an end that only the state file tells, when the scheduler is gone for good")
    func waitWithoutScheduler() async throws {
        try await AlProcess.withDirectory { al in
            // Port 1 is nobody's.
            try project(al, port: 1)
            try al.write("config.toml", "[gateway]\nport = 1\n")
            let store = try SQLiteStore(path: al.directory + "/.al/state.db")
            let run = try StoreSamples.run("dev", 1, at: 300)
            try await store.fire(run, at: StoreSamples.at(300))
            let outcome = RunOutcome(state: .failed, exitCode: 11, usage: TokenUsage())
            _ = try await store.end(run.instance.run, with: outcome, at: StoreSamples.at(380))
            let held = Mutex<ProjectLock?>(nil)
            try await leaving({ held.withLock { $0?.release() } }, run: run.instance.rawValue) { port, _ in
                let lock = try lock(al, port: port)
                held.withLock { $0 = lock }
                let result = try await al.run("run", "dev", "--wait")
                #expect(result.code == 11, "\(result.error)")
            }
        }
    }

    @Test("run waits no longer when the scheduler is gone for good and the state file is none")
    func waitBesideDamage() async throws {
        try await AlProcess.withDirectory { al in
            try project(al, port: 1)
            try al.write("config.toml", "[gateway]\nport = 1\n")
            try al.write(".al/state.db", String(repeating: "no database ", count: 100))
            let held = Mutex<ProjectLock?>(nil)
            try await leaving({ held.withLock { $0?.release() } }) { port, _ in
                let lock = try lock(al, port: port)
                held.withLock { $0 = lock }
                let result = try await al.run("run", "dev", "--wait")
                #expect(result.code == 1)
                #expect(result.error.contains("cannot read \(al.directory)/.al/state.db"), "\(result.error)")
            }
        }
    }

    @Test("run waits for a scheduler that comes back at another port")
    func waitOverMove() async throws {
        try await AlProcess.withDirectory { al in
            try project(al, port: 1)
            try al.write("config.toml", "[gateway]\nport = 1\n")
            let move = Mutex<(@Sendable () -> Void)?>(nil)
            try await leaving({ move.withLock { $0?() } }) { port, _ in
                let lock = try lock(al, port: port)
                try await FakeScheduler.serving({ request in
                    guard request.target == "/api/runs/dev-00000001" else { return (200, #"{"entries":[]}"#) }
                    return (200, #"{"run":{"instanceId":"dev-00000001","state":"failed","exitCode":12,"endedAt":"x"}}"#)
                }) { next, _ in
                    let owner = LockOwner(
                        process: 1,
                        host: "h",
                        port: next,
                        startedAt: Date(timeIntervalSince1970: 0)
                    )
                    move.withLock { $0 = { lock.update(owner) } }
                    let result = try await al.run("run", "dev", "--wait")
                    #expect(result.code == 12, "\(result.error)")
                }
            }
        }
    }

    @Test("run waits for a queued order by its item")
    func waitQueued() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                if request.method == "POST" { return (200, #"{"message":"queued","queued":true,"itemId":"i1"}"#) }
                if request.target.hasPrefix("/api/stats/agents/dev/runs") { return (200, #"{"runs":[]}"#) }
                return (200, #"{"items":[{"id":"i1","reason":"queue full"}]}"#)
            }) { port, _ in
                try project(al, port: port)
                let result = try await al.run("run", "dev", "--wait")
                #expect(result.code == 1)
                #expect(result.error.contains("dropped: queue full"))
            }
        }
    }

    @Test("stop names the runs it waits for, follows to the end, and says what was dropped")
    func stop() async throws {
        try await AlProcess.withDirectory { al in
            let looks = Mutex(0)
            try await FakeScheduler.serving({ request in
                switch request.target {
                case "/control/stop":
                    return (200, #"{"success":true,"message":"Scheduler stopping","running":1,"dropped":2}"#)
                case "/health":
                    // Gone after the second look: a gateway that is no gateway any more is not alive.
                    return looks.withLock {
                        $0 += 1; return $0
                    } > 2 ? (502, "") : (200, #"{"status":"ok"}"#)
                default: return (200, #"{"instances":[{"id":"dev-00000001","status":"running"}]}"#)
                }
            }) { port, scheduler in
                try project(al, port: port)
                let result = try await al.run("stop", "--grace", "5", "--clear")
                #expect(result.code == 0)
                #expect(result.output == "Scheduler stopping\nDropped 2 waiting item(s).\nScheduler stopped\n")
                #expect(result.error == "Waiting for dev-00000001. Ctrl+C stops waiting, not the stopping.\n")
                #expect(scheduler.requests.first?.body == ["grace": 5, "clear": true])
            }
        }
    }

    @Test("20.15.10 stat shows a running instance, queues, the next run and locks; names are never cut")
    func stat() async throws {
        let name = String(repeating: "a", count: 63)
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                if request.target == "/locks/status" {
                    return (200, #"{"locks":[{"resourceKey":"issue 7","agentName":"dev","heldSince":0}]}"#)
                }
                return (
                    200,
                    #"{"scheduler":{"mode":"docker","runtime":"local","paused":false},"agents":["#
                        + #"{"name":"dev","state":"running","enabled":true,"runningCount":2,"queuedWebhooks":3,"#
                        + #""nextRunAt":"2026-12-01T10:00:00.000Z"},{"name":"\#(name)","state":"idle","enabled":false}],"#
                        + #""instances":[{"id":"dev-a1b2c3d4","agentName":"dev","status":"running","#
                        + #""trigger":"webhook:issues","startedAt":"2026-01-15T10:00:00.000Z"},"#
                        + #"{"id":"dev-00000000","agentName":"dev","status":"completed","startedAt":"x"}]}"#
                )
            }) { port, _ in
                try project(al, port: port)
                let result = try await al.run("stat")
                #expect(result.code == 0)
                let text = result.output.replacing(al.directory, with: "<project>").replacing(
                    ":\(port)",
                    with: ":<port>"
                )
                try expectGolden(text.replacing(/held for .*\)/, with: "held for <age>)"), "gate-stat.txt")
            }
        }
    }

    @Test("stat tells the end of the run that ended last, and the last error apart from it")
    func lastRun() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                guard request.target.hasPrefix("/api/stats/agents/dev/runs") else {
                    return (
                        200,
                        #"{"agents":[{"name":"dev","lastRunAt":"2026-01-15T10:09:00.000Z","lastRunDuration":100,"#
                            + #""lastError":"$ echo\nmore"}]}"#
                    )
                }
                return (
                    200,
                    #"{"runs":[{"instanceId":"dev-00000003","state":"running","startedAt":"2026-01-15T10:09:00.000Z"},"#
                        + #"{"instanceId":"dev-00000002","state":"killed","startedAt":"2026-01-15T10:01:00.000Z","#
                        + #""endedAt":"2026-01-15T10:01:09.000Z","durationMs":9000},"#
                        + #"{"instanceId":"dev-00000001","state":"failed","exitCode":14,"durationMs":360000,"#
                        + #""startedAt":"2026-01-15T10:00:00.000Z","endedAt":"2026-01-15T10:06:00.000Z"}]}"#
                )
            }) { port, _ in
                try project(al, port: port)
                let text = try await al.run("stat", "dev").output
                #expect(
                    text.contains(
                        "  Last run: 2026-01-15 10:00:00, 6m, failed (14)\n  Last error: $ echo\n\n"
                    ),
                    "\(text)"
                )
            }
        }
    }

    /// A scheduler with a spent budget, files it does not follow and items it dropped.
    private static let troubled =
        #"{"scheduler":{"mode":"host","runtime":"local","paused":false},"agents":["#
        + #"{"name":"dev","state":"idle","enabled":true,"lastError":"exit 3"},"#
        + #"{"name":"gh","state":"idle","enabled":true,"lastRunAt":"2026-01-15T10:00:00.000Z","lastRunDuration":1500,"#
        + #""lastError":"Invalid config: agents/gh/agent-config.toml:2: bogus: unknown key"}],"#
        + #""instances":[],"dropped":{"queue full":1200,"superseded":2},"spentBudgets":["#
        + #"{"agent":null,"limit":1,"spent":1.2,"until":"2026-01-16T00:00:00.000Z"},"#
        + #"{"agent":"dev","limit":0.05,"spent":0.05,"until":"2026-01-16T00:00:00.000Z"}],"reloadProblems":{"#
        + #""gh":"Invalid config: agents/gh/agent-config.toml:2: bogus: unknown key (the previous configuration stays in force)","#
        + #""new":"Invalid config: bad"}}"#

    @Test("stat says what keeps agents from starting", arguments: ["", "dev", "gh"])
    func troubles(agent: String) async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                (200, request.target == "/locks/status" ? #"{"locks":[]}"# : Self.troubled)
            }) { port, _ in
                try project(al, port: port)
                // Wrong since the scheduler read it.
                try al.write("agents/gh/agent-config.toml", "bogus = 1\nscale = \"many\"\n")
                try al.write("agents/gh/ACTIONS.md", "Work.\n")
                let result = try await al.run(["stat"] + (agent.isEmpty ? [] : [agent]))
                #expect(result.code == 0)
                let text = result.output.replacing(al.directory, with: "<project>")
                    .replacing(":\(port)", with: ":<port>")
                try expectGolden(text, "gate-stat-troubles\(agent.isEmpty ? "" : "-\(agent)").txt")
            }
        }
    }
}
