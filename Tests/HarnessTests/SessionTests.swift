import Domain
import Foundation
import LanguageModels
import TestSupport
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5)))
struct SessionTests {
    @Test("A reply without calls ends the run, with its text, usage and reports")
    func finishes() async {
        let usage = TokenUsage(input: 10, output: 5, cost: 0.5)
        let bench = SessionBench(FakeModel([.say(" All done. ", usage: usage)]))
        let result = await bench.run()
        #expect(result.outcome == .finished)
        #expect(result.lastText == "All done.")
        #expect(result.outputLength == 9)
        #expect(result.usage == TokenUsage(input: 10, output: 5, cost: 0.5, turns: 1))
        #expect(bench.model.requests[0].system == "be good")
        #expect(
            bench.model.requests[0].tools.map(\.name) == ["read", "bash", "edit", "write", "grep", "find", "ls", "job"]
        )
        #expect(bench.events.entries.contains(.assistant(text: "All done.")))
        #expect(bench.events.entries.contains { if case .turnUsage(1, "fake", _) = $0 { true } else { false } })
    }

    @Test("Tool results go back in the order of the calls, tools found whatever their case")
    func toolRound() async throws {
        try await withDirectory { directory in
            let model = FakeModel([
                .call(
                    call("bash", ["cmd": "sleep 0.2; echo slow"], id: "1"),
                    call("WRITE", ["file_path": "f", "content": "text"], id: "2"),
                    call("bash", ["command": "exit 7"], id: "3")
                ),
                .say("ok"),
            ])
            let bench = SessionBench(model, directory: directory)
            #expect(await bench.run().outcome == .finished)
            let results = bench.results
            try #require(results.count == 3)
            #expect(results[0] == ("slow", false))
            #expect(results[1].text.hasPrefix("Wrote 4 bytes"))
            #expect(results[2] == ("Exit code: 7", true))
            let events = bench.events.entries
            #expect(events.contains(.bash(command: "exit 7")))
            #expect(events.contains(.toolError(tool: "bash", command: "exit 7", result: "Exit code: 7")))
            #expect(events.contains(.toolDone(tool: "bash", resultLength: 4)))
        }
    }

    @Test("Two edits of one file in one reply are made one after the other")
    func twoEdits() async throws {
        try await withDirectory { directory in
            let model = FakeModel([
                .call(
                    call("write", ["path": "f", "content": "a"], id: "1"),
                    call("edit", ["path": "./f", "oldText": "a", "newText": "b"], id: "2"),
                    call("edit", ["path": "f", "oldText": "b", "newText": "c"], id: "3"),
                    call("read", ["path": "f"], id: "4")
                ),
                .say("ok"),
            ])
            let bench = SessionBench(model, directory: directory)
            _ = await bench.run()
            #expect(bench.results.map(\.isError) == [false, false, false, false])
            #expect(bench.results.last?.text == "c")
        }
    }

    @Test("At most eight calls run at once")
    func width() async {
        let running = Log<Int>()
        let tool = FakeTool("t") { _ in
            running.add(1)
            try await Task.sleep(for: .milliseconds(30))
            running.add(-1)
            return ToolOutput("x")
        }
        let calls = (0..<20).map { Content.toolCall(call("t", id: "\($0)")) }
        let bench = SessionBench(FakeModel([.reply(calls, .toolUse, TokenUsage()), .say("ok")]), tools: [tool])
        _ = await bench.run()
        var now = 0
        let most = running.entries.map { step in
            now += step; return now
        }.max()
        #expect(most == 8)
        #expect(bench.results.count == 20)
    }

    @Test("Unknown tools and wrong arguments are answered with what was expected, and nothing runs")
    func invalid() async throws {
        let model = FakeModel([
            .call(
                call("fetch", [:], id: "1"),
                call("bash", ["timeout": "soon"], id: "2"),
                call("bash", "text", id: "3"),
                call("bash", ["command": "echo ok", "timeout": "5.0", "background": "false", "more": 1], id: "4")
            ),
            .say("ok"),
        ])
        let bench = SessionBench(model)
        _ = await bench.run()
        try #require(bench.results.count == 4)
        #expect(bench.results[0].text == "There is no tool fetch. Tools: read, bash, edit, write, grep, find, ls, job.")
        #expect(bench.results[1].text.contains("- command: missing, expected string\n- timeout: expected number"))
        #expect(bench.results[1].text.contains("{\"timeout\":\"soon\"}"))
        #expect(bench.results[2].text.contains("expected an object"))
        #expect(bench.results[3] == ("ok", false))
    }

    @Test("Three replies in a row with invalid calls only fail the run")
    func hopeless() async {
        let bad = FakeModel.Turn.call(call("nothing"))
        let good = FakeModel.Turn.call(call("bash", ["command": "true"]))
        let result = await SessionBench(FakeModel([bad, bad, good, bad, bad, bad, .say("never")])).run()
        #expect(result.turns == 6)
        guard case .modelFailed(let text, nil) = result.outcome else {
            Issue.record("\(result.outcome)")
            return
        }
        #expect(text.contains("cannot use the tools"))
    }

    @Test("An empty reply is nudged also where a note stands behind the results")
    func nudgeBehindNote() async {
        let model = FakeModel([.call(call("t")), .say(""), .say("ok")])
        let used = Log<Bool>()
        let tool = FakeTool("t") { _ in
            used.add(true)
            return ToolOutput("x")
        }
        let bench = SessionBench(model, tools: [tool], timeLeft: { used.entries.isEmpty ? nil : .seconds(50) })
        #expect(await bench.run().lastText == "ok")
        #expect(bench.userTexts.count == 3 && bench.userTexts[1].hasPrefix("Note from the harness"))
        #expect(bench.userTexts.last?.hasPrefix("Your reply was empty") == true)
    }

    @Test("Jobs end with the session, or go on for the next one of a chat", arguments: [false, true])
    func jobs(_ isKept: Bool) async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            func answer(_ call: ToolCall) async -> [String] {
                let model = FakeModel([.call(call), .say("ok")])
                let session = Session(
                    model: model,
                    context: context,
                    system: "s",
                    prompt: "do it",
                    clock: TestClock(),
                    now: { Date(timeIntervalSince1970: 1) },
                    random: { 0 },
                    keepsJobs: isKept,
                    onEvent: { _ in }
                )
                _ = await session.run()
                return (model.requests.last?.messages ?? []).compactMap { message in
                    if case .toolResult(let result) = message { ToolOutput(result.content).text } else { nil }
                }
            }
            _ = await answer(call("bash", ["command": "sleep 991", "background": true]))
            let seen = await answer(call("job", ["id": "job-1", "action": "output"]))
            #expect(seen.first?.contains(isKept ? "[job-1: running]" : "[job-1: ended") == true, "\(seen)")
            await context.jobs.endAll()
        }
    }

    @Test("A tool's error is cut like any other result")
    func longError() async {
        let tool = FakeTool("t") { _ in
            throw HarnessError(.systemCall, String(repeating: "line of a trace\n", count: 100_000))
        }
        let bench = SessionBench(FakeModel([.call(call("t")), .say("ok")]), tools: [tool])
        _ = await bench.run()
        #expect(bench.results.first?.isError == true && (bench.results.first?.text.utf8.count ?? .max) < 52_000)
    }

    @Test("What the output limit cut off does not run; what was complete before it does")
    func cutOff() async throws {
        let model = FakeModel([
            .call(
                call("bash", ["command": "echo one"], id: "1"),
                call("bash", ["command": "echo two"], id: "2"),
                stop: .length
            ),
            .say("half a sen", .length),
            .say("tence"),
        ])
        let bench = SessionBench(model)
        #expect(await bench.run().outcome == .finished)
        try #require(bench.results.count == 2)
        #expect(bench.results[0] == ("one", false))
        #expect(bench.results[1].isError)
        #expect(bench.results[1].text.contains("nothing was done"))
        #expect(bench.userTexts.last?.contains("where it broke off") == true)
    }

    @Test("Secrets are taken out of what the model, the log and the transcript see, and named once")
    func redaction() async {
        let redact: Redactor = { text in
            text.contains("s3cret") ? (text.replacingOccurrences(of: "s3cret", with: "[r]"), ["key.token"]) : (text, [])
        }
        let tool = FakeTool("leak") { _ in ToolOutput("it is s3cret") }
        let model = FakeModel([.call(call("leak")), .call(call("leak")), .say("I saw s3cret")])
        let bench = SessionBench(model, tools: [tool], redact: redact)
        let result = await bench.run()
        #expect(bench.results.map(\.text) == ["it is [r]", "it is [r]"])
        #expect(result.lastText == "I saw [r]")
        #expect(bench.events.entries.filter { $0 == .secretRedacted(name: "key.token", tool: "leak") }.count == 1)
        for case .transcript(let line) in bench.events.entries { #expect(!line.compactText.contains("s3cret")) }
    }

    @Test("A signal file ends the run after the tool call, before another request")
    func signal() async {
        let flag = Log<Bool>()
        let tool = FakeTool("exit") { _ in
            flag.add(true)
            return ToolOutput("bye")
        }
        let model = FakeModel([.call(call("exit"), call("exit")), .say("never")])
        let bench = SessionBench(model, tools: [tool], stopRequested: { !flag.entries.isEmpty })
        let result = await bench.run()
        #expect(result.outcome == .stoppedBySignal)
        #expect(model.requests.count == 1)
    }

    @Test("The third result that shows missing rights cancels the others and ends the run")
    func errorGuard() async {
        let tool = FakeTool("git") { arguments in
            if arguments["hang"] != nil { try await Task.sleep(for: .seconds(3600)) }
            return ToolOutput("fatal: Authentication failed, Permission denied", isError: true)
        }
        let open = FakeTool("hang") { _ in
            try await Task.sleep(for: .seconds(3600))
            return ToolOutput("late")
        }
        let model = FakeModel([.call(call("git"), call("git")), .call(call("hang"), call("git")), .say("never")])
        let bench = SessionBench(model, tools: [tool, open])
        let result = await bench.run()
        let strike = GuardStrike(count: 3, pattern: "permission denied", tool: "git")
        #expect(result.outcome == .guardAborted(strike))
        #expect(bench.events.entries.contains(.guardAborted(strike)))
        #expect(bench.events.entries.contains(.toolError(tool: "hang", command: nil, result: "cancelled")))
    }

    @Test("Cancelling ends a request or a tool, and every call gets an answer")
    func cancelling() async {
        let started = Log<Bool>()
        let tool = FakeTool("hang") { _ in
            started.add(true)
            try await Task.sleep(for: .seconds(3600))
            return ToolOutput("late")
        }
        for turns in [[FakeModel.Turn.hang], [.call(call("hang"), call("hang"))]] {
            let bench = SessionBench(FakeModel(turns), tools: [tool])
            let task = Task { await bench.run() }
            while bench.model.requests.isEmpty || (turns.count == 1 && started.entries.count == 1) {
                await Task.yield()
            }
            task.cancel()
            #expect(await task.value.outcome == .cancelled)
            let answers = bench.events.entries.filter {
                if case .transcript(let line) = $0 { line["message"]?["role"] == "toolResult" } else { false }
            }
            if case .reply = turns[0] { #expect(answers.count == 2) }
        }
    }

    @Test("The transcript has every line, numbered without gaps, and says the same for the same conversation")
    func transcript() async throws {
        func lines() async throws -> [JSONValue] {
            let model = FakeModel([.failure(failure(.transient)), .call(call("t", id: "\(UUID())")), .say("done")])
            let bench = SessionBench(model, tools: [FakeTool("t") { _ in ToolOutput("x") }])
            async let running = bench.run()
            _ = await bench.clock.advanceToNextSleeper()
            var result = await running
            let end = result.transcript.end(outcome: "succeeded", exitCode: 0, usage: result.usage)
            return bench.events.entries.compactMap { if case .transcript(let line) = $0 { line } else { nil } } + [end]
        }
        let first = try await lines()
        #expect(
            first.map { $0["type"]?.stringValue } == [
                "session", "message", "request", "retry", "request", "message", "message", "request", "message", "end",
            ]
        )
        #expect(first.map { $0["seq"]?.intValue } == Array(0..<10))
        #expect(first[0]["agent"] == "tester")
        let second = try await lines()
        let hashes = first.compactMap { $0["type"] == "request" ? $0["sha256"]?.stringValue : nil }
        #expect(hashes == second.compactMap { $0["type"] == "request" ? $0["sha256"]?.stringValue : nil })
        #expect(hashes[0] == hashes[1])
        #expect(hashes[1] != hashes[2])
        #expect(hashes[0].count == 64)
    }
}
