import AgentCommands
import Domain
import Foundation
import Testing

@Suite("In-run commands without a gateway")
struct OutsideARunTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var command: String
        var arguments: [String] = []
        var line: String
        var code: Int32 = 0
        var testDescription: String { "\(command) \(arguments)" }
    }

    @Test(
        "Each command answers harmlessly",
        arguments: [
            Case(command: "al-status", arguments: ["x"], line: #"{"ok":true}"#),
            Case(command: "al-status", line: #"{"ok":false,"error":"usage: al-status \"<text>\""}"#, code: 9),
            Case(command: "al-rerun", line: #"{"ok":true}"#),
            Case(command: "al-return", arguments: ["a", "b"], line: #"{"ok":true}"#),
            Case(command: "al-exit", line: #"{"ok":true}"#),
            Case(command: "al-call", arguments: ["dev"], line: #"{"ok":false,"reason":"no gateway"}"#, code: 5),
            Case(command: "al-call", line: #"{"ok":false,"reason":"no gateway"}"#, code: 5),
            Case(command: "al-check", line: #"{"status":"error","errorMessage":"no gateway"}"#, code: 5),
            Case(command: "al-wait", line: #"{"error":"no gateway"}"#, code: 5),
            Case(command: "al-subagent-wait", arguments: ["a"], line: #"{"error":"no gateway"}"#, code: 5),
            Case(command: "rlock", line: #"{"ok":true}"#),
            Case(command: "runlock", arguments: ["k"], line: #"{"ok":true}"#),
            Case(command: "rlock-heartbeat", arguments: ["k"], line: #"{"ok":true}"#),
            Case(command: "al-shutdown", line: #"{"ok":true}"#),
            Case(command: "rlock", arguments: ["--help"], line: "usage: rlock <resourceKey>"),
        ]
    )
    func answers(_ test: Case) async throws {
        let fixture = CommandFixture()
        defer { fixture.clean() }
        let command = try #require(AgentCommand(invokedAs: test.command))
        var line = ""
        let code = await command.run(
            arguments: test.arguments,
            environment: fixture.environment,
            standardInput: { nil },
            standardOutput: { line = $0 },
            clock: ContinuousClock()
        )
        #expect(line == test.line)
        #expect(code == test.code)
    }

    @Test("Signals become files without a trailing newline")
    func signalFiles() async throws {
        let fixture = CommandFixture()
        defer { fixture.clean() }
        _ = try await fixture.run("al-status", "say \"hi\" \\ ü", "ignored")
        _ = try await fixture.run("al-rerun")
        _ = try await fixture.run("al-return", stdin: "line one\nline two\n\n")
        _ = try await fixture.run("al-exit", "13")
        _ = try await fixture.run("al-shutdown")
        #expect(fixture.signal("status") == "say \"hi\" \\ ü")
        #expect(fixture.signal("rerun") == "")
        #expect(fixture.signal("return") == "line one\nline two")
        #expect(fixture.signal("exit") == "13")
        #expect(fixture.signal("shutdown") == "agent requested shutdown")
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.directory.path).sorted()
        #expect(names == ["exit", "rerun", "return", "shutdown", "status"])
    }

    @Test("The last return value wins")
    func lastReturnWins() async throws {
        let fixture = CommandFixture()
        defer { fixture.clean() }
        _ = try await fixture.run("al-return", "first and longer")
        _ = try await fixture.run("al-return", "second")
        #expect(fixture.signal("return") == "second")
    }

    @Test(
        "al-exit refuses reserved and senseless codes",
        arguments: ["42", "124", "256", "-1", "abc", "", "+5", "1.0"]
    )
    func exitRefuses(_ code: String) async throws {
        let fixture = CommandFixture()
        defer { fixture.clean() }
        let outcome = try await fixture.run("al-exit", code)
        #expect(outcome.code == 9)
        #expect(outcome.line == #"{"ok":false,"error":"usage: al-exit [0-255]; 42 and 124 are reserved"}"#)
        #expect(fixture.signal("exit") == nil)
    }

    @Test(
        "al-exit takes 15 when nothing is said, and every other code",
        arguments: [("", "15"), ("0", "0"), ("255", "255")]
    )
    func exitCodes(_ given: String, _ written: String) async throws {
        let fixture = CommandFixture()
        defer { fixture.clean() }
        let outcome = given.isEmpty ? try await fixture.run("al-exit") : try await fixture.run("al-exit", given)
        #expect(outcome.code == 0)
        #expect(fixture.signal("exit") == written)
    }

    @Test("A signal that cannot be written is reported")
    func unwritable() async throws {
        var fixture = CommandFixture()
        fixture.environment["AL_SIGNAL_DIR"] = "/dev/null/signals"
        let outcome = try await fixture.run("al-rerun")
        #expect(outcome.code == 1)
        #expect(try JSONValue(parsing: outcome.line)["ok"] == false)
    }

    @Test("Only names of commands are recognised")
    func names() {
        #expect(AgentCommand(invokedAs: "al") == nil)
        #expect(AgentCommand(invokedAs: "/usr/bin/rlockx") == nil)
        #expect(AgentCommand.names.count == 14)
        #expect(AgentCommand.names.allSatisfy { AgentCommand(invokedAs: "/x/\($0)") != nil })
    }
}
