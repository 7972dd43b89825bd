import Domain
import Foundation
import LanguageModels
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5)))
struct BashToolTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var command: String
        var text: String
        var isError = false
        var testDescription: String { command }
    }

    @Test(
        "A command's output and end are told",
        arguments: [
            Case(command: "echo hi", text: "hi"),
            Case(command: "true", text: "(no output)"),
            Case(command: "echo a; echo b >&2; echo c", text: "a\nb\nc"),
            Case(command: "echo bad; exit 3", text: "bad\n\nExit code: 3", isError: true),
            Case(command: "exit 1", text: "Exit code: 1", isError: true),
            Case(command: "kill -9 $$", text: "Killed by SIGKILL.", isError: true),
            Case(command: "kill -TERM $$", text: "Killed by SIGTERM.", isError: true),
            Case(command: "cat", text: "(no output)"),
            Case(command: "printf '\\033[31mred\\033[0m\\033]0;title\\007!\\n'", text: "red!"),
            Case(command: "printf 'a\\000b\\010c\\td\\n'", text: "abc\td"),
            Case(command: "printf '10%%\\r50%%\\r100%%\\ndone\\r\\n'", text: "100%\ndone"),
            Case(command: "printf 'a\\377b\\n'", text: "a\u{FFFD}b"),
            Case(command: "printf 'x\\302\\205y\\n'", text: "xy"),
            Case(command: "[ $(ps -o sid= -p $$) = $$ ] && echo leader", text: "leader"),
            Case(command: "env | grep -c SECRET_OF_PARENT", text: "0\n\nExit code: 1", isError: true),
            Case(command: "ls /proc/self/fd | wc -l", text: "4"),
        ]
    )
    func ends(_ example: Case) async throws {
        setenv("SECRET_OF_PARENT", "1", 1)
        try await withDirectory { directory in
            let output = try await BashTool().run(["command": .string(example.command)], in: toolContext(directory))
            #expect(output.text == example.text)
            #expect(output.isError == example.isError)
        }
    }

    @Test("It starts in the working directory with the variables it is given, in bash")
    func environment() async throws {
        try await withDirectory { directory in
            var context = toolContext(directory)
            context.environment["WORD"] = "a b"
            let output = try await BashTool().run(
                ["command": "pwd; echo \"$WORD\"; echo ${BASH_VERSION:+bash}"],
                in: context
            )
            #expect(output.text == "\(directory)\na b\nbash")
        }
    }

    @Test("A missing working directory is named")
    func missingDirectory() async throws {
        let error = await #expect(throws: HarnessError.self) {
            try await BashTool().run(["command": "true"], in: toolContext("/nowhere/at/all"))
        }
        #expect(error?.code == .missingDirectory)
        #expect(error?.text.contains("/nowhere/at/all") == true)
    }

    @Test("A server left in the background does not hold the call, becomes a job, and dies with the session")
    func leftover() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            let output = try await BashTool().run(["command": "sleep 999 & echo hi $!"], in: context)
            #expect(output.text.hasPrefix("hi "))
            #expect(output.text.contains("job-1"))
            #expect(!output.isError)
            let sleeper = try #require(pid_t(output.text.split(separator: "\n")[0].dropFirst(3)))
            #expect(kill(sleeper, 0) == 0)
            await context.jobs.endAll()
            #expect(isGone(sleeper))
        }
    }

    @Test("Processes that closed the output become a job too")
    func silentLeftover() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            let output = try await BashTool().run(["command": "sleep 998 >/dev/null 2>&1 & echo hi"], in: context)
            #expect(output.text.contains("job-1"))
            let killed = try await JobTool().run(["id": "job-1", "action": "kill"], in: context)
            #expect(killed.text.contains("ended"))
        }
    }

    @Test("A timeout kills children and grandchildren, stubborn ones too, and keeps the output")
    func timeout() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            let command =
                "trap '' TERM; echo $$; (trap '' TERM; sh -c 'echo $$; sleep 997'; sleep 996) & wait; sleep 995"
            let output = try await BashTool().run(["command": .string(command), "timeout": 0.3], in: context)
            #expect(output.isError)
            #expect(output.text.contains("Timed out after 0.3 seconds"))
            let pids = output.text.split(separator: "\n").prefix(2).compactMap { pid_t($0) }
            try #require(pids.count == 2)
            for pid in pids { #expect(isGone(pid)) }
        }
    }

    @Test("A timeout also ends what goes on talking after its shell has ended")
    func timeoutOfTalkers() async throws {
        try await withDirectory { directory in
            let output = try await BashTool().run(
                ["command": "(while :; do echo x; sleep 0.05; done) & echo $!", "timeout": 1],
                in: toolContext(directory)
            )
            #expect(output.isError)
            #expect(output.text.contains("Timed out after 1 seconds"))
            let talker = try #require(output.text.split(separator: "\n").compactMap { pid_t($0) }.first)
            #expect(isGone(talker))
        }
    }

    @Test("A command with NUL is refused instead of cut there")
    func nul() async throws {
        try await withDirectory { directory in
            let error = await #expect(throws: HarnessError.self) {
                try await BashTool().run(["command": "echo a\u{0}; echo b"], in: toolContext(directory))
            }
            #expect(error?.code == .spawnFailed && error?.text.contains("NUL") == true)
        }
    }

    @Test("Without a timeout a long command moves to the background, where it can be waited for")
    func patience() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            let output = try await BashTool(patience: 0.2).run(
                ["command": "echo one; while [ ! -e gate ]; do sleep 0.05; done; echo two; exit 4"],
                in: context
            )
            #expect(output.text.hasPrefix("one\n\nStill running after 0.2 seconds, moved in the background as job-1"))
            #expect(!output.isError)
            try Data().write(to: URL(filePath: "\(directory)/gate"))
            let later = try await JobTool().run(["id": "job-1", "action": "wait", "seconds": 20], in: context)
            #expect(later.text == "two\n\n[job-1: ended, exit code 4]")
            let again = try await JobTool().run(["id": "job-1", "action": "output"], in: context)
            #expect(again.text == "(no new output)\n\n[job-1: ended, exit code 4]")
        }
    }

    @Test("In the background a command returns soon, with its first output")
    func background() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            let output = try await BashTool().run(
                ["command": "echo first; sleep 994", "background": true],
                in: context
            )
            #expect(output.text.hasPrefix("first\n\nRunning in the background as job-1"))
            let killed = try await JobTool().run(["id": "job-1", "action": "kill"], in: context)
            #expect(killed.text == "(no new output)\n\n[job-1: ended, killed by SIGTERM]")
        }
    }

    @Test("An unknown job is an error that lists the known ones")
    func unknownJob() async throws {
        let error = await #expect(throws: HarnessError.self) {
            try await JobTool().run(["id": "job-9", "action": "output"], in: toolContext("/tmp"))
        }
        #expect(error?.code == .unknownJob)
    }

    @Test("Cancelling ends the wait for a job at once")
    func cancelledWait() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            _ = try await BashTool().run(["command": "sleep 992", "background": true], in: context)
            let task = Task { try await JobTool().run(["id": "job-1", "action": "wait", "seconds": 50], in: context) }
            task.cancel()
            #expect(try await task.value.text.contains("[job-1: running]"))
            await context.jobs.endAll()
        }
    }

    @Test("Cancelling ends the command")
    func cancelling() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            let task = Task { try await BashTool().run(["command": "echo $$ > pid; sleep 993"], in: context) }
            while FileManager.default.contents(atPath: directory + "/pid")?.last != 0x0A { await Task.yield() }
            task.cancel()
            _ = try await task.value
            let text = try String(contentsOfFile: directory + "/pid", encoding: .utf8)
            #expect(isGone(try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))))
        }
    }

    @Test("Commands started at the same time do not hold each other's output")
    func parallel() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<16 {
                    group.addTask {
                        try await BashTool().run(["command": .string("echo \(index)")], in: context).text
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(texts == Set((0..<16).map(String.init)))
        }
    }

    @Test("A kill for lack of memory is called so")
    func outOfMemory() async throws {
        try await withDirectory { directory in
            let events = directory + "/memory.events"
            try "oom 0\noom_kill 1\n".write(toFile: events, atomically: true, encoding: .utf8)
            let tool = BashTool(memoryEventsPath: events)
            let command = "printf 'oom_kill 2\\n' > memory.events; kill -9 $$"
            let output = try await tool.run(["command": .string(command)], in: toolContext(directory))
            #expect(output.text == "Killed by SIGKILL: out of memory.")
        }
    }

    private func isGone(_ pid: pid_t) -> Bool {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return true }
        let text = String(decoding: stat, as: UTF8.self)
        return text.contains(") Z ") || text.contains(") X ")
    }
}
