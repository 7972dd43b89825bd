import Domain
import Foundation
import Harness
import Synchronization
import Testing

@testable import AgentRun

@Suite("A whole run")
struct RunTests {
    static let simple = """
        turns:
          - text: Looking.
            calls: [ bash: "echo hello > out.txt; cat out.txt" ]
            usage: { input: 100, output: 20 }
          - expect: hello
            text: All done.
            usage: { input: 200, output: 30 }
        """

    @Test("A run tells its story and succeeds")
    func success() async throws {
        let fixture = try RunFixture(script: Self.simple)
        defer { fixture.clean() }
        #expect(await fixture.run() == 0)
        let messages = fixture.sink.entries.compactMap { $0["msg"]?.stringValue }
        var rest = messages[...]
        for expected in [
            "container starting", "creating agent session", "session created, sending prompt", "assistant", "bash",
            "tool start", "tool done", "assistant", "prompt returned", "token-usage", "run completed", "run-result",
        ] {
            let index = try #require(rest.firstIndex(of: expected), "\(expected) in \(messages)")
            rest = rest[(index + 1)...]
        }
        #expect(rest.isEmpty)
        let usage = try #require(fixture.sink.entry("token-usage"))
        #expect(usage["inputTokens"] == 300)
        #expect(usage["outputTokens"] == 50)
        #expect(usage["turnCount"] == 2)
        let result = try #require(fixture.sink.entries.last)
        #expect(result["exitCode"] == 0)
        #expect(result["outcome"] == "completed")
        #expect(result["summary"] == "All done.")
        #expect(try String(contentsOfFile: fixture.root + "/work/out.txt", encoding: .utf8) == "hello\n")
    }

    @Test("The transcript is numbered without gaps, from session to end")
    func transcript() async throws {
        let fixture = try RunFixture(script: Self.simple)
        defer { fixture.clean() }
        _ = await fixture.run()
        let lines = fixture.transcript
        #expect(lines.map { $0["seq"]?.intValue } == Array(0..<lines.count))
        #expect(lines.first?["type"] == "session")
        #expect(lines.first?["instanceId"] == "dev-0000002a")
        #expect(lines.first?["system"]?.stringValue?.hasPrefix("Do it.") == true)
        #expect(lines.last?["type"] == "end")
        #expect(lines.last?["exitCode"] == 0)
    }

    @Test(
        "Signals decide the exit code",
        arguments: [
            ("touch $AL_SIGNAL_DIR/rerun", Int32(42)), ("printf 13 > $AL_SIGNAL_DIR/exit", 13),
            ("printf 42 > $AL_SIGNAL_DIR/exit", 0), ("printf 0 > $AL_SIGNAL_DIR/exit; touch $AL_SIGNAL_DIR/rerun", 0),
            ("echo leak > $AL_SIGNAL_DIR/shutdown", 15),
        ]
    )
    func signals(_ command: String, _ code: Int32) async throws {
        let script = "turns:\n  - calls: [ bash: \(JSONValue.quoted(command)) ]\n  - text: Done.\n"
        let fixture = try RunFixture(script: script)
        defer { fixture.clean() }
        #expect(await fixture.run() == code)
        #expect(fixture.sink.entries.last?["exitCode"]?.intValue == Int(code))
        // An exit or shutdown signal ends the run before the next request.
        let stops = code == 13 || code == 15 || command.hasPrefix("printf 0")
        #expect((fixture.sink.entry("assistant") == nil) == stops)
    }

    @Test("A return value is reported beside a rerun")
    func returnValue() async throws {
        let fixture = try RunFixture(
            script: "turns:\n  - calls: [ bash: \"echo ' v1 ' > $AL_SIGNAL_DIR/return; touch $AL_SIGNAL_DIR/rerun\" ]\n"
                + "  - text: Done.\n"
        )
        defer { fixture.clean() }
        #expect(await fixture.run() == 42)
        let results = fixture.sink.entries.filter { $0["msg"] == "signal-result" }
        #expect(results.contains { $0["type"] == "return" && $0["value"] == "v1" })
        #expect(results.contains { $0["type"] == "rerun" })
        #expect(fixture.sink.entries.last?["returnValueBytes"] == 2)
    }

    @Test("The end of the output carries the beginning of a long return value, and says that it is one")
    func longReturnValue() async throws {
        let fixture = try RunFixture(
            script: "turns:\n  - calls: [ bash: \"head -c 1001 /dev/zero | tr '\\\\0' v > $AL_SIGNAL_DIR/return\" ]\n"
                + "  - text: Done.\n"
        )
        defer { fixture.clean() }
        #expect(await fixture.run() == 0)
        let result = fixture.sink.entries.first { $0["msg"] == "signal-result" }
        #expect(result?["value"]?.stringValue?.count == 1000 && result?["truncated"] == true)
        #expect(fixture.sink.entries.last?["returnValueBytes"] == 1001)
    }

    @Test("Signals of an earlier run are forgotten")
    func staleSignals() async throws {
        let fixture = try RunFixture(script: "turns:\n  - text: Done.\n")
        defer { fixture.clean() }
        try FileManager.default.createDirectory(
            atPath: fixture.root + "/tmp/signals",
            withIntermediateDirectories: true
        )
        try "13".write(toFile: fixture.root + "/tmp/signals/exit", atomically: true, encoding: .utf8)
        #expect(await fixture.run() == 0)
    }

    @Test("Time is over: 124, with usage, and the command is gone")
    func timeout() async throws {
        var fixture = try RunFixture(script: "turns:\n  - calls: [ bash: \"sleep 300\" ]\n  - text: Never.\n")
        defer { fixture.clean() }
        fixture.environment["TIMEOUT_SECONDS"] = "1"
        #expect(await fixture.run() == 124)
        #expect(fixture.sink.entry("container timeout reached, self-terminating")?["timeoutSeconds"] == 1)
        #expect(fixture.sink.entry("token-usage") != nil)
        #expect(fixture.sink.entries.last?["exitCode"] == 124)
    }

    @Test("Time is over during preflight: 124")
    func timeoutInPreflight() async throws {
        var fixture = try RunFixture(
            script: Self.simple,
            config: ["preflight": [["provider": "shell", "params": ["command": "sleep 300"]]]]
        )
        defer { fixture.clean() }
        fixture.environment["TIMEOUT_SECONDS"] = "1"
        #expect(await fixture.run() == 124)
    }

    @Test("A signal ends the run with its own code", arguments: [(Int32(15), Int32(143)), (2, 130)])
    func terminated(_ signal: Int32, _ code: Int32) async throws {
        let fixture = try RunFixture(script: "turns:\n  - calls: [ bash: \"sleep 300\" ]\n  - text: Never.\n")
        defer { fixture.clean() }
        let signals = AsyncStream<Int32> { _ = $0.yield(signal) }
        #expect(await fixture.run(signals: signals) == code)
        #expect(fixture.sink.entries.last?["exitCode"]?.intValue == Int(code))
    }

    @Test("Three failures for want of rights end the run")
    func authGuard() async throws {
        let call = "  - calls: [ bash: \"echo Bad credentials; exit 1\" ]\n"
        let fixture = try RunFixture(script: "turns:\n\(call)\(call)\(call)\(call)  - text: Never.\n")
        defer { fixture.clean() }
        #expect(await fixture.run() == 1)
        #expect(fixture.sink.entry("aborting after repeated auth failures")?["count"] == 3)
        #expect(fixture.sink.entry("token-usage")?["turnCount"] == 3)
    }

    @Test(
        "A failed model request fails the run; want of capacity has a code of its own",
        arguments: [
            ("auth", Int32(1)), ("quota", 1), ("badRequest", 1), ("notFound", 1), ("filtered", 1),
            ("{ kind: rateLimit, retryAfter: 700s }", 12), ("{ kind: overloaded, retryAfter: 700s }", 12),
        ]
    )
    func modelFailure(_ error: String, _ code: Int32) async throws {
        let fixture = try RunFixture(script: "turns:\n  - error: \(error)\n    text: Never.\n")
        defer { fixture.clean() }
        #expect(await fixture.run() == code)
        #expect(fixture.sink.entry("session error") != nil)
        #expect(fixture.sink.entry("token-usage") != nil)
        #expect(fixture.transcript.last?["type"] == "end")
    }

    @Test("Time is over while the model thinks: 124, without another request")
    func timeoutInModelWait() async throws {
        var fixture = try RunFixture(script: "turns:\n  - delay: 300s\n    text: Never.\n")
        defer { fixture.clean() }
        fixture.environment["TIMEOUT_SECONDS"] = "1"
        #expect(await fixture.run() == 124)
        #expect(fixture.sink.entry("token-usage")?["turnCount"] == 0)
        #expect(fixture.transcript.filter { $0["type"] == "request" }.count == 1)
    }

    @Test("Tools see their credentials and nothing else; a printed token is redacted")
    func secrets() async throws {
        var fixture = try RunFixture(
            script: "turns:\n  - calls: [ bash: \"echo tok=$GITHUB_TOKEN; env | grep -c AL_SECRET_; true\" ]\n"
                + "  - expect: { contains: \"tok=[redacted:github_token.token]\", lacks: ghp_ }\n    text: Done.\n",
            config: ["credentials": ["github_token"]]
        )
        defer { fixture.clean() }
        try fixture.credential("github_token", "token", "ghp_0123456789abcdef")
        fixture.environment["AL_SECRET_x__default__y"] = "another-secret"
        #expect(await fixture.run() == 0)
        #expect(fixture.sink.entry("credentials loaded from volume") != nil)
        #expect(fixture.sink.entry("git HTTPS credential helper configured") != nil)
        #expect(fixture.sink.entry("secret redacted")?["type"] == "github_token")
        #expect(!fixture.sink.lines.joined().contains("ghp_0123456789abcdef"))
    }

    @Test("A script in the agent's directory replaces the session", arguments: [Int32(0), 7])
    func scriptMode(_ code: Int32) async throws {
        let fixture = try RunFixture(script: Self.simple)
        defer { fixture.clean() }
        try "touch ran; exit \(code)\n".write(
            toFile: fixture.root + "/agent/test-script.sh",
            atomically: true,
            encoding: .utf8
        )
        #expect(await fixture.run() == code)
        #expect(FileManager.default.fileExists(atPath: fixture.root + "/work/ran"))
        #expect(fixture.sink.entry("creating agent session") == nil)
    }

    @Test("What a script prints is plain output, and what it leaves behind holds nobody up")
    func scriptOutput() async throws {
        let fixture = try RunFixture(script: Self.simple)
        defer { fixture.clean() }
        let line = #"{"_log":true,"level":"info","msg":"signal-result","type":"rerun"}"#
        // What it leaves behind has not the test's own standard error, whose end others wait for.
        try "sleep 300 2> /dev/null &\necho $! > sleeper\necho '\(line)'; printf last\n".write(
            toFile: fixture.root + "/agent/test-script.sh",
            atomically: true,
            encoding: .utf8
        )
        #expect(await fixture.run() == 0)
        #expect(fixture.sink.output == [line, "last"])
        #expect(fixture.sink.entry("signal-result") == nil)
        let sleeper = try String(contentsOfFile: fixture.root + "/work/sleeper", encoding: .utf8)
        kill(try #require(pid_t(sleeper.dropLast())), SIGKILL)
    }

    @Test("A wall clock that jumps takes no time from the run")
    func jumpingClock() async throws {
        var fixture = try RunFixture(script: Self.simple)
        defer { fixture.clean() }
        let looks = Mutex(0)
        fixture.now = {
            // An hour passes with each look.
            looks.withLock { looks in
                looks += 1
                return Date(timeIntervalSince1970: Double(looks) * 3600)
            }
        }
        #expect(await fixture.run() == 0)
        #expect(!fixture.transcript.contains { $0.compactText.contains("most of the time of this run is over") })
        let duration = try #require(fixture.sink.entries.last?["durationMs"]?.intValue)
        #expect(duration < 3_600_000)
    }

    @Test("Whoever comes to the end of a run meanwhile waits until it is written")
    func close() async {
        let reporter = RunReporter(log: RunLog(now: { Date() }, write: { _ in }))
        let order = LogSink()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                reporter.close {
                    begin.finish()
                    // Time for the other, were it not to wait.
                    usleep(50_000)
                    order.write("written")
                }
            }
            group.addTask {
                for await _ in begun {}
                reporter.close { order.write("again") }
                order.write("waited")
            }
        }
        #expect(order.lines == ["written", "waited"])
    }

    @Test(
        "What cannot start says why",
        arguments: [
            ("AGENT_CONFIG", nil, "AGENT_CONFIG"), ("AGENT_CONFIG", "{", "byte 1"),
            ("AGENT_CONFIG", #"{"name":"dev"}"#, "model"),
            ("TIMEOUT_SECONDS", "soon", "soon"), ("PROMPT", nil, "PROMPT"), ("AL_WORK_DIR", "/nowhere", "/nowhere"),
        ]
    )
    func cannotStart(_ variable: String, _ value: String?, _ word: String) async throws {
        var fixture = try RunFixture(script: Self.simple)
        defer { fixture.clean() }
        fixture.environment[variable] = value
        #expect(await fixture.run() == 1)
        let error = try #require(fixture.sink.entry("container entry error")?["error"]?.stringValue)
        #expect(error.contains(word), "\(error)")
        #expect(fixture.sink.entries.last?["msg"] == "run-result")
    }

    @Test("Declared credentials that nobody brought, and a missing model key, name the remedy")
    func missingCredentials() async throws {
        let declared = try RunFixture(script: Self.simple, config: ["credentials": ["github_token"]])
        defer { declared.clean() }
        #expect(await declared.run() == 1)
        #expect(declared.sink.entry("container entry error")?["error"]?.stringValue?.contains("al doctor") == true)
        let keyless = try RunFixture(
            script: Self.simple,
            config: ["model": ["provider": "anthropic", "model": "claude-sonnet-4-5"]]
        )
        defer { keyless.clean() }
        #expect(await keyless.run() == 1)
        #expect(keyless.sink.entry("container entry error")?["error"]?.stringValue?.contains("anthropic_key") == true)
    }

    @Test("What is left of the day's budgets is a budget of the run: 17", arguments: ["0", "0.0005"])
    func allowance(_ allowance: String) async throws {
        var fixture = try RunFixture(
            script: "model: { price: { input: 3, output: 15 } }\n" + Self.simple,
            config: ["limits": ["maxCostPerRun": 5]]
        )
        defer { fixture.clean() }
        fixture.environment["AL_COST_ALLOWANCE"] = allowance
        #expect(await fixture.run() == 17)
        let spent = try #require(fixture.sink.entry("budget spent"))
        #expect(spent["budget"] == "maxCostPerDay")
        #expect(spent["limit"]?.doubleValue == Double(allowance))
        #expect(fixture.sink.entries.last?["outcome"] == "error")
        let reason = try #require(fixture.sink.entries.last?["reason"]?.stringValue)
        #expect(reason.hasPrefix("maxCostPerDay is spent: ") && reason.hasSuffix(" of \(allowance) USD"))
        #expect(fixture.sink.entry("token-usage")?["turnCount"] == (allowance == "0" ? 0 : 1))
    }

    @Test("The transcript's first line says what a replay needs")
    func header() async throws {
        let fixture = try RunFixture(script: Self.simple, config: ["limits": ["maxTurns": 7, "maxTokensPerRun": 9000]])
        defer { fixture.clean() }
        _ = await fixture.run()
        let header = try #require(fixture.transcript.first)
        #expect(header["v"] == 1)
        #expect(header["limits"] == ["maxTurns": 7, "maxTokensPerRun": 9000, "timeout": 60])
        #expect(header["configHash"]?.stringValue?.count == 64)
        #expect(header["model"]?["provider"] == "scripted")
        #expect(header["model"]?["contextWindow"] == 200_000)
        #expect(header["tools"]?.arrayValue?.count == 8)
        let record = try RecordedRun(parsing: fixture.transcript.map { $0.compactText + "\n" }.joined())
        let report = await Replay(record, tools: .recorded, now: { Date(timeIntervalSince1970: 0) }).compare()
        #expect(report.difference == nil)
        #expect(report.turns == 2)
        #expect(report.calls == 1)
    }
}
