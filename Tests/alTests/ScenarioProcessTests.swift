import Domain
import Foundation
import OrderedCollections
import Storage
import TestSupport
import Testing

/// Must-pass scenarios that take real processes: scheduler, runs, and what runs start.
///
/// The list of all scenarios stands in `Tests/SchedulerTests/ScenarioTests.swift`.
@Suite("Scenarios of the specification, with the real binary", .timeLimit(.minutes(5)))
struct ScenarioProcessTests {
    // MARK: Projects

    private static let manual = "manual = true\ntimeout = 60\n"
    private static let hooked = "timeout = 60\n[[webhooks]]\nsource = \"hub\"\nevents = [\"issues\"]\n"

    /// A project on a port of its own.
    private func writeProject(_ al: AlProcess, _ config: String = "") throws {
        let tables = "[webhooks.hub]\ntype = \"github\"\nallowUnsigned = true\n"
        try al.write("config.toml", "\(config)[gateway]\nport = \(LoopbackSSHServer.freePort())\n\(tables)")
    }

    /// An agent that plays a script.
    private func writeAgent(_ al: AlProcess, _ name: String, _ settings: String, script: String) throws {
        let model = "[model]\nprovider = \"scripted\"\nmodel = \"script.yaml\"\n"
        try al.write("agents/\(name)/agent-config.toml", "credentials = []\n\(settings)\(model)")
        try al.write("agents/\(name)/ACTIONS.md", "Work.\n")
        try al.write("agents/\(name)/script.yaml", script)
    }

    /// A script of commands each of which must succeed.
    private func script(_ commands: String...) -> String {
        let turns = commands.enumerated().map { index, command in
            "  - \(index > 0 ? "expect: { error: false }\n    " : "")calls: [ bash: \(JSONValue.quoted(command)) ]\n"
        }
        return "turns:\n\(turns.joined())  - expect: { error: false }\n    text: Done.\n"
    }

    private func send(_ al: AlProcess) async throws {
        let sent = try await al.run("webhook", "send", "hub", "issues.opened")
        #expect(sent.code == 0, "\(sent.output)\(sent.error)")
    }

    private func stop(_ al: AlProcess, _ options: String...) async throws {
        let stopped = try await al.run(["stop"] + options)
        #expect(stopped.code == 0, "\(stopped.error)")
    }

    /// The only run that the files know, once no scheduler has them.
    private func onlyRun(_ al: AlProcess) async throws -> RunRecord {
        let runs = try await SQLiteStore(path: al.directory + "/.al/state.db").history.runs(RunQuery()).runs
        #expect(runs.count == 1)
        return try #require(runs.first)
    }

    /// Everything that came in has the one end that is expected, and nothing else is recorded.
    private func expectAudit(
        _ al: AlProcess,
        deliveries: String = "0 = 0",
        runs: String,
        calls: String = "0 = 0",
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let audit = try await al.run("audit")
        let expected = """
            Slots due: 0 = 0
            Deliveries × agents: \(deliveries)
            Runs started: \(runs)
            Calls made: \(calls)
            Balanced.

            """
        #expect(audit.output == expected, "§19.18", sourceLocation: location)
        #expect(audit.code == 0, sourceLocation: location)
    }

    // MARK: Scenarios

    @Test("§19.8: what 200 KB al-return is given comes out of al-wait byte for byte")
    func returnValue() async throws {
        try await AlProcess.withDirectory { al in
            let line =
                #"{"_log":true,"msg":"run-result"} "quoted" \n 'q' `b` $HOME é 日本 🦙 "# + "\t\r\n\u{1b}[31m\u{2028}\n"
            let value = String(repeating: line, count: 204_800 / line.utf8.count + 1) + "end"
            try al.write("value", value)
            try writeProject(al)
            try writeAgent(al, "callee", Self.manual, script: script("al-return < \"\(al.directory)/value\""))
            try writeAgent(
                al,
                "caller",
                Self.manual,
                script: """
                    turns:
                      - calls: [ bash: 'echo begin | al-subagent callee' ]
                      - expect: { error: false }
                        save: { id: '"callId":"([^"]+)"' }
                        calls: [ bash: 'al-subagent-wait {{id}} > "\(al.directory)/answer"' ]
                      - expect: { error: false }
                        text: Done.
                    """
            )
            let code = try await al.scheduling { _ in
                let run = try await al.run("run", "caller", "--wait")
                #expect(run.code == 0, "\(run.output)\(run.error)")
                try await stop(al)
            }
            #expect(code == 0)
            let call = try #require(try JSONValue(parsing: al.text("answer")).objectValue?.values.first)
            #expect(call["status"] == "completed")
            let returned = call["returnValue"]?.stringValue ?? ""
            #expect(returned.utf8.count == value.utf8.count)
            #expect(returned.utf8.elementsEqual(value.utf8))
            try await expectAudit(al, runs: "2 = 2 succeeded", calls: "1 = 1 completed")
        }
    }

    /// What does not end when its time is over.
    enum Stubborn: String, CaseIterable {
        /// A tool that ignores SIGTERM.
        case tool = "true"
        /// The run's own process, which is stopped.
        case entryPoint = "kill -STOP $PPID"

        /// Seconds in which such a run must be over.
        var limits: ClosedRange<Double> { self == .tool ? 2...5 : 17...20 }
    }

    @Test("§19.11: time ends a run that does not obey, with 124 and nothing left of it", arguments: Stubborn.allCases)
    func timeout(who: Stubborn) async throws {
        try await AlProcess.withDirectory { al in
            let command = """
                trap '' TERM; setsid sleep 300 >/dev/null 2>&1 & echo $$ $PPID $! > '\(al.directory)/processes'
                \(who.rawValue); while :; do sleep 1; done
                """
            try writeProject(al)
            try writeAgent(al, "dev", "manual = true\ntimeout = 2\n", script: script(command))
            let code = try await al.scheduling { _ in
                #expect(try await al.run("run", "dev", "--wait").code == 124)
                try await stop(al)
            }
            #expect(code == 0)
            let run = try await onlyRun(al)
            #expect(run.state == .timedOut)
            #expect(run.outcome?.exitCode == 124)
            let seconds = try #require(run.endedAt).timeIntervalSince(run.startedAt)
            #expect(who.limits.contains(seconds), "\(seconds) s")
            let left = try al.text("processes").split(separator: " ")
            #expect(left.count == 3)
            #expect(left.filter(AlProcess.isAlive) == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: al.directory + "/.al/runs") == [])
            try await expectAudit(al, runs: "1 = 1 timedOut")
        }
    }

    private static let reply = MockModelServer.Answer(stream: [
        "data: {\"choices\":[{\"delta\":{\"content\":\"Done.\"},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
    ])

    @Test("§19.16: only an agent in use with a model of Anthropic makes a start ask for anthropic_key")
    func otherModels() async throws {
        try await AlProcess.withDirectory { al in
            try await MockModelServer.run(.chat, answers: [Self.reply, Self.reply]) { server, url in
                func agent(_ name: String, _ provider: String, _ settings: String = "") throws {
                    let address = provider == "anthropic" ? "" : "baseUrl = \"\(url)\"\napi = \"chat\"\n"
                    let model = "[model]\nprovider = \"\(provider)\"\nmodel = \"gpt-4o\"\nauthType = \"api_key\"\n"
                    let trigger = "credentials = []\n\(Self.manual)\(settings)"
                    try al.write("agents/\(name)/agent-config.toml", "\(trigger)\(model)\(address)")
                    try al.write("agents/\(name)/ACTIONS.md", "Work.\n")
                }
                try writeProject(al)
                try agent("own", "custom")
                try agent("spare", "anthropic", "scale = 0\n")
                let code = try await al.scheduling { _ in
                    #expect(try await al.run("run", "own", "--wait").code == 0)
                    try await stop(al)
                }
                #expect(code == 0)
                try agent("paid", "openai")
                let unpaid = try await al.run("start", "-H", "--no-docker")
                #expect(unpaid.code == 1)
                #expect(unpaid.error.contains("openai_key") && !unpaid.error.contains("anthropic_key"))
                try al.store(["openai_key/default/token": "sk-of-openai-0123456789"])
                let paid = try await al.scheduling { _ in
                    #expect(try await al.run("run", "paid", "--wait").code == 0)
                    try await stop(al)
                }
                #expect(paid == 0)
                #expect(server.problems == [])
                #expect(server.received.map { $0.headers["authorization"] } == [nil, "Bearer sk-of-openai-0123456789"])
                try agent("spare", "anthropic")
                let asked = try await al.run("start", "-H", "--no-docker")
                #expect(asked.code == 1)
                #expect(asked.error.contains("anthropic_key"), "\(asked.error)")
            }
            try await expectAudit(al, runs: "2 = 2 succeeded")
        }
    }

    @Test(
        "§19.17: a scheduler that was told to stop serves its run to the end, keeps what waits, and ends with 0",
        arguments: [false, true]
    )
    func drain(bySignal: Bool) async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            let calls = "rlock work && rlock-heartbeat work && runlock work && al-return ended"
            let work = """
                al-status 'is at work'; while [ ! -e '\(al.directory)/stopping' ]; do sleep 0.1; done; sleep 3
                \(calls) && ! al-call other </dev/null >'\(al.directory)/call'
                """
            try writeAgent(al, "dev", Self.hooked, script: script(work))
            try writeAgent(al, "other", Self.manual, script: script("true"))
            let code = try await al.scheduling(bySignal ? ["--drain"] : []) { scheduler in
                for _ in 0..<2 { try await send(al) }
                try await scheduler.prints("is at work")
                async let order: Void = bySignal ? scheduler.send(SIGTERM) : stop(al)
                try await scheduler.prints(bySignal ? "Waiting for 1 run" : "Scheduler stopping")
                try al.write("stopping", "")
                try await order
            }
            #expect(code == 0)
            let run = try await onlyRun(al)
            #expect(run.state == .succeeded, "\(run)")
            #expect(run.outcome?.returnValue == "ended")
            #expect(try JSONValue(parsing: al.text("call"))["reason"] == "scheduler is stopping")
            try await expectAudit(al, deliveries: "2 = 1 ran + 1 waiting", runs: "1 = 1 succeeded")
        }
    }

    @Test("§19.17: al stop --grace 1 is over after that and stopGrace, also with a run that does not obey")
    func grace() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al, "stopGrace = 2\n")
            let command = "echo $$ $PPID > '\(al.directory)/processes'; kill -STOP $PPID; al-status halted"
            try writeAgent(al, "dev", Self.hooked, script: script("\(command); while :; do sleep 1; done"))
            var ordered = Date.distantFuture
            let code = try await al.scheduling { scheduler in
                try await send(al)
                try await scheduler.prints("halted")
                ordered = Date()
                try await stop(al, "--grace", "1")
            }
            #expect(code == 0)
            let run = try await onlyRun(al)
            #expect(run.state == .killed)
            #expect(run.outcome?.exitCode == 137)
            #expect(run.outcome?.reason == "scheduler stopped")
            let seconds = try #require(run.endedAt).timeIntervalSince(ordered)
            // Three seconds, and as many for the command to get going.
            #expect((3...6).contains(seconds), "\(seconds) s")
            #expect(try al.text("processes").split(separator: " ").filter(AlProcess.isAlive) == [])
            try await expectAudit(al, deliveries: "1 = 1 ran", runs: "1 = 1 killed")
        }
    }

    /// How a scheduler is told to end without its runs.
    enum Signals: CaseIterable {
        case terminate, interrupt, secondInterrupt
    }

    @Test(
        "§19.17: a signal leaves the run to the next scheduler, which serves it to its end",
        arguments: Signals.allCases
    )
    func handOver(by signals: Signals) async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            let work = """
                echo $$ > '\(al.directory)/process'; al-status 'is at work'
                while [ ! -e '\(al.directory)/adopted' ]; do sleep 0.1; done
                rlock work && runlock work && al-return ended
                """
            try writeAgent(al, "dev", Self.hooked, script: script(work))
            let isSecond = signals == .secondInterrupt
            let first = try await al.scheduling(isSecond ? ["--drain"] : []) { scheduler in
                try await send(al)
                try await scheduler.prints("is at work")
                scheduler.send(signals == .terminate ? SIGTERM : SIGINT)
                guard isSecond else { return }
                try await scheduler.prints("Waiting for 1 run")
                scheduler.send(SIGINT)
            }
            #expect(first == (isSecond ? 130 : 0))
            #expect(try AlProcess.isAlive(al.text("process")))
            let second = try await al.scheduling { scheduler in
                try await scheduler.prints(" started (")
                try al.write("adopted", "")
                try await stop(al)
            }
            #expect(second == 0)
            let run = try await onlyRun(al)
            #expect(run.state == .succeeded, "\(run)")
            #expect(run.outcome?.returnValue == "ended")
            try await expectAudit(al, deliveries: "1 = 1 ran", runs: "1 = 1 succeeded")
        }
    }
}
