import Domain
import Foundation
import Gateway
import Scheduler
import Testing

@testable import al

@Suite("al logs", .timeLimit(.minutes(5)))
struct LogCommandTests {
    private func line(_ number: Int, level: Int = 30, _ message: String = "step", agent: String = "dev") -> String {
        #"{"level":\#(level),"time":\#(1_768_471_200_000 + number * 1000),"name":"\#(agent)","#
            + #""instance":"\#(agent)-0000000\#(number % 2)","n":\#(number),"msg":"\#(message) \#(number)"}"# + "\n"
    }

    /// A project without a scheduler, whose agent `dev` has logs of two days beside those of `dev-ops`.
    private func withLogs(_ body: (AlProcess) async throws -> Void) async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "[gateway]\nport = 1\n")
            try al.write("agents/dev/agent-config.toml", "manual = true\n")
            let noise = (0..<200).map { line($0, level: 20, "tool done") }.joined()
            try al.write(".al/logs/dev-2026-01-14.log", (0..<3).map { line($0) }.joined())
            try al.write(
                ".al/logs/dev-2026-01-15.log",
                (3..<9).map { line($0, level: $0 == 4 ? 50 : 30) }.joined() + noise + "no json\n" + line(9)
                    + #"{"half":"#
            )
            try al.write(".al/logs/dev-ops-2026-01-16.log", line(77, agent: "dev-ops"))
            try await body(al)
        }
    }

    private func numbers(_ text: String) throws -> [Int] {
        try text.split(separator: "\n").compactMap { try JSONValue(parsing: String($0))["n"]?.intValue }
    }

    @Test("20.15.6 five visible entries come from a file of mostly debug lines, and none of dev-ops")
    func visible() async throws {
        try await withLogs { al in
            let result = try await al.run("logs", "dev", "-n", "5")
            #expect(result.code == 0)
            let lines = result.output.split(separator: "\n")
            #expect(lines.count == 5)
            #expect(lines.last?.hasSuffix("step 9") == true)
            #expect(lines.first?.contains("step 5") == true)
            #expect(!result.output.contains("77"))
        }
    }

    static let choices: [(arguments: [String], numbers: [Int])] = [
        (["-n", "2"], [199, 9]), (["-n", "4", "--level", "info"], [6, 7, 8, 9]),
        (["-n", "9", "--level", "info", "-d", "2026-01-14"], [0, 1, 2]),
        (["-n", "9", "--level", "info"], [1, 2, 3, 4, 5, 6, 7, 8, 9]), (["--level", "error"], [4]),
        (["--grep", "step [2-4]"], [2, 3, 4]), (["--grep", "step", "-i", "00000001"], [1, 3, 5, 7, 9]),
        (["--grep", "step", "--run", "dev-00000000", "-n", "1"], [8]), (["--since", "1h"], []),
    ]

    @Test("options choose and combine", arguments: choices)
    func options(arguments: [String], numbers expected: [Int]) async throws {
        try await withLogs { al in
            let result = try await al.run(["logs", "dev", "--json"] + arguments)
            #expect(result.code == 0)
            #expect(try numbers(result.output) == expected)
        }
    }

    @Test("raw lines hold all fields, and lines that are no entries as they are")
    func raw() async throws {
        try await withLogs { al in
            let result = try await al.run("logs", "dev", "--raw", "-n", "2")
            #expect(result.output == "no json\n10:00:09 INFO  [dev-00000001] step 9 {\"n\":9}\n")
            // A gateway has entries only.
            let entry = line(5).trimmingCharacters(in: .newlines)
            try await FakeScheduler.serving({ _ in (200, #"{"entries":[\#(entry)],"cursor":null,"hasMore":false}"#) }) {
                port,
                _ in
                try al.write("config.toml", "[gateway]\nurl = \"http://localhost:\(port)\"\n")
                // Without a scheduler here the address leads to another machine.
                let remote = try await al.run("logs", "dev", "--raw", "-n", "2")
                #expect(remote.output == "10:00:05 INFO  [dev-00000001] step 5 {\"n\":5}\n")
                let owner = LockOwner(process: 1, host: "h", port: port, startedAt: Date(timeIntervalSince1970: 0))
                let lock = try ProjectLock(stateDirectory: al.directory + "/.al", owner: owner)
                defer { lock.release() }
                #expect(try await al.run("logs", "dev", "--raw", "-n", "2").output == result.output)
            }
        }
    }

    @Test("while a scheduler starts and does not say yet where it answers, the files are read")
    func starting() async throws {
        try await withLogs { al in
            let expected = try await al.run("logs", "dev", "--raw", "-n", "2").output
            let owner = LockOwner(process: 1, host: "h", port: 1, startedAt: Date(timeIntervalSince1970: 0))
            let lock = try ProjectLock(stateDirectory: al.directory + "/.al", owner: owner)
            defer { lock.release() }
            try #require(truncate(al.directory + "/.al/scheduler.lock", 0) == 0)
            #expect(try await al.run("logs", "dev", "--raw", "-n", "2").output == expected)
            #expect(try await al.run("logs", "dev", "-d", "2026-01-14", "--json").code == 0)
            let pause = try await al.run("pause")
            #expect(pause.code == 1 && pause.error.contains("is starting"), "\(pause.error)")
        }
    }

    @Test("what looks like an option of al is a pattern behind --grep")
    func patterns() async throws {
        try await withLogs { al in
            try al.write(".al/logs/dev-2026-01-16.log", line(10, "with -V") + line(11))
            let result = try await al.run("logs", "dev", "--json", "--grep", "-V")
            #expect(try numbers(result.output) == [10])
        }
    }

    @Test(
        "what cannot be is refused",
        arguments: [
            (["-n", "0"], "--lines must be a number of at least 1"), (["-d", "tomorrow"], "--date must have the form"),
            (["-d", "2026-02-30"], "--date must have the form YYYY-MM-DD and be a day of the calendar"),
            (["--level", "loud"], "--level must be"), (["--grep", "("], "--grep must be a regular expression"),
            (["-d", "2025-01-01"], "no log of dev on 2025-01-01"),
        ]
    )
    func refusals(arguments: [String], says: String) async throws {
        try await withLogs { al in
            let result = try await al.run(["logs", "dev"] + arguments)
            #expect(result.code == 1)
            #expect(result.error.contains(says), "\(result.error)")
        }
    }

    @Test("a whole id says whose log it is; a part of one needs the agent", arguments: ["--instance", "--run"])
    func runWithoutAgent(option: String) async throws {
        try await withLogs { al in
            let named = try await al.run("logs", "dev", option, "dev-00000001")
            #expect(!named.output.isEmpty)
            #expect(try await al.run("logs", option, "dev-00000001").output == named.output)
            let part = try await al.run("logs", option, "00000001")
            #expect(part.code == 1)
            #expect(part.error.contains("name the agent of 00000001"), "\(part.error)")
        }
    }

    @Test("errors of the gateway are reported, not answered from files")
    func remoteError() async throws {
        try await withLogs { al in
            try await FakeScheduler.serving({ _ in (401, #"{"error":"Unauthorized"}"#) }) { port, _ in
                try al.write("config.toml", "[gateway]\nurl = \"http://localhost:\(port)\"\n")
                let result = try await al.run("logs", "dev")
                #expect(result.code == 1)
                #expect(result.error.contains("does not accept the stored key"))
                #expect(try await al.run("logs", "dev", "-d", "2026-01-14", "--level", "info").code == 0)
            }
        }
    }

    @Test("a gateway with nothing to say is no failure")
    func emptyGateway() async throws {
        try await withLogs { al in
            try await FakeScheduler.serving({ _ in (200, #"{"entries":[],"cursor":null,"hasMore":false}"#) }) {
                port,
                scheduler in
                try al.write("config.toml", "[gateway]\nurl = \"http://localhost:\(port)\"\n")
                let result = try await al.run("logs", "dev", "-i", "a1b2c3d4", "--level", "warn")
                #expect(result.code == 0)
                #expect(result.error == "No entries of dev fit.\n")
                #expect(scheduler.requests.last?.target == "/api/logs/agents/dev/dev-a1b2c3d4?level=40&lines=500")
            }
        }
    }

    @Test("following loses and repeats nothing, over midnight, with a line in pieces, and with a scheduler that goes")
    func follow() async throws {
        try await AlProcess.withDirectory { al in
            let day = { (day: String) in ".al/logs/dev-2026-01-\(day).log" }
            try al.write(day("14"), line(1))
            let reader = LogReader(directory: al.directory + "/.al/logs")
            var follower = LogFollower(source: .files(reader), query: LogQuery(name: "dev"))
            func next() async throws -> [Int] { try await follower.next().compactMap { $0["n"]?.intValue } }
            #expect(try await next() == [1])
            #expect(try await next().isEmpty)
            let second = line(2)
            try al.write(day("14"), line(1) + second.prefix(20))
            #expect(try await next().isEmpty)
            try al.write(day("14"), line(1) + second)
            try al.write(day("15"), line(3))
            #expect(try await next() == [2, 3])
            follower.readFiles(.files(reader))
            try al.write(day("15"), line(3) + line(4))
            #expect(try await next() == [4])
        }
    }

    @Test(
        "following loses nothing of what is written at once into a log that was not there",
        arguments: [nil, "2026-01-15"]
    )
    func followFromNothing(date: String?) async throws {
        try await AlProcess.withDirectory { al in
            let reader = LogReader(directory: al.directory + "/.al/logs")
            var query = LogQuery(name: "dev")
            query.date = date
            var follower = LogFollower(source: .files(reader), query: query)
            #expect(try await follower.next().isEmpty)
            if date != nil { try al.write(".al/logs/dev-2026-01-14.log", line(-1)) }
            try al.write(".al/logs/dev-2026-01-15.log", (0..<2500).map { line($0) }.joined())
            #expect(try await follower.next().compactMap { $0["n"]?.intValue } == Array(0..<2500))
            #expect(try await follower.next().isEmpty)
        }
    }

    @Test(
        "times in the past",
        arguments: [
            ("45s", 45.0), ("2h", 7200), ("7d", 604_800), ("1w", 604_800), ("0m", 0), ("1.5h", 5400),
            ("99999999999999d", 1_768_471_200),
        ]
    )
    func since(text: String, seconds: Double) throws {
        let now = Date(timeIntervalSince1970: 1_768_471_200)
        #expect(try #require(Since(argument: text)).date(from: now) == now.addingTimeInterval(-seconds))
        #expect(Since(argument: "2026-01-15")?.date(from: now) == Date(timeIntervalSince1970: 1_768_435_200))
        #expect(Since(argument: "2026-01-15T00:00:01Z")?.date(from: now) == Date(timeIntervalSince1970: 1_768_435_201))
    }

    @Test("texts that are no time", arguments: ["", "h", "2", "-2h", "2x", "2026-13-45", "soon"])
    func noTime(text: String) { #expect(Since(argument: text) == nil) }

    @Test("hosts of this machine and of private networks")
    func hosts() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] { #expect(LocalNetwork.isLoopback(host)) }
        for host in ["10.1.2.3", "192.168.1.1", "172.16.0.1", "172.31.255.1", "fd00::1", "fe80::1"] {
            #expect(LocalNetwork.contains(host) && !LocalNetwork.isLoopback(host))
        }
        for host in ["8.8.8.8", "172.32.0.1", "example.com", "10.example.com", "2001:db8::1"] {
            #expect(!LocalNetwork.contains(host))
        }
    }
}
