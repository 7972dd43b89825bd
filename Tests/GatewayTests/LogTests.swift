import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Gateway

@Suite("The log API")
struct LogTests {
    private let bench = Bench()
    private let key: HTTPFields = [.authorization: "Bearer key"]

    init() throws {
        try FileManager.default.createDirectory(atPath: bench.directory, withIntermediateDirectories: true)
    }

    private func write(_ text: String, to file: String) throws {
        let path = "\(bench.directory)/\(file)"
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    private func line(_ number: Int, _ more: String = "") -> String {
        #"{"level":30,"time":\#(number),"n":\#(number)\#(more)}"# + "\n"
    }

    private func read(_ query: String) async throws -> JSONValue {
        try JSONValue(parsing: try await ask(try bench.gateway(), .get, "/api/logs/" + query, headers: key).text)
    }

    private func numbers(_ page: JSONValue) -> [Int] {
        (page["entries"]?.arrayValue ?? []).compactMap { $0["n"]?.intValue }
    }

    @Test("15.6 10,000 lines appended while polling: each exactly once, across midnight, dev beside dev-ops")
    func burst() async throws {
        try write(line(0, #","msg":"é👍""#), to: "dev-2026-01-01.log")
        try write(line(-1), to: "dev-ops-2026-01-03.log")
        var page = try await read("agents/dev?lines=50")
        var seen = numbers(page)
        var next = 1
        while next <= 10_000 {
            let day = next <= 6000 ? "01" : "02"
            let count = min(400, day == "01" ? 6001 - next : 10_001 - next)
            let text = (next..<next + count).map { line($0) }.joined()
            try write(String(text.dropLast(5)), to: "dev-2026-01-\(day).log")
            let cursor = try #require(page["cursor"]?.stringValue)
            page = try await read("agents/dev?lines=50&cursor=\(cursor)")
            #expect(numbers(page).count <= 50)
            seen += numbers(page)
            try write(String(text.suffix(5)), to: "dev-2026-01-\(day).log")
            next += count
        }
        repeat {
            let cursor = try #require(page["cursor"]?.stringValue)
            page = try await read("agents/dev?lines=50&cursor=\(cursor)")
            seen += numbers(page)
        } while page["hasMore"] == true
        #expect(seen == Array(0...10_000))
    }

    @Test("the tail reads backwards over block borders and leaves out what is no entry")
    func tail() async throws {
        let filler = String(repeating: "é", count: 20_000)
        for number in 0..<20 {
            try write(line(number, #","msg":"\#(filler)","instance":"dev-a""#), to: "dev-2026-01-01.log")
        }
        try write(
            "not json\n" + #"{"_log":true,"level":"warn","msg":"m","ts":7,"n":20}"# + "\n" + #"{"n":21"#,
            to: "dev-2026-01-01.log"
        )
        let page = try await read("agents/dev?lines=15")
        #expect(numbers(page) == Array(6...20))
        #expect(page["hasMore"] == false)
        #expect(page["entries"]?[14]?.compactText == #"{"level":40,"msg":"m","n":20,"time":7}"#)
        #expect(page["entries"]?[0]?["msg"]?.stringValue == filler)
        #expect(numbers(try await read("agents/dev/a?lines=2")) == [18, 19])
        #expect(numbers(try await read("agents/dev?after=3&before=6")) == [4, 5])
        let cursor = try #require(page["cursor"]?.stringValue)
        #expect(numbers(try await read("agents/dev?cursor=\(cursor)")).isEmpty)
    }

    @Test("level and grep choose among the entries, and combine")
    func search() async throws {
        for number in 0..<10 {
            let level = number.isMultiple(of: 2) ? 50 : 20
            try write(
                #"{"level":\#(level),"time":\#(number),"n":\#(number),"msg":"step \#(number)"}"# + "\n",
                to: "dev-2026-01-01.log"
            )
        }
        #expect(numbers(try await read("agents/dev?level=error")) == [0, 2, 4, 6, 8])
        #expect(numbers(try await read("agents/dev?level=30&lines=2")) == [6, 8])
        #expect(numbers(try await read("agents/dev?grep=step%20[1-4]")) == [1, 2, 3, 4])
        #expect(numbers(try await read("agents/dev?grep=step%20[1-4]&level=warn&after=2")) == [4])
        let invalid = try await ask(try bench.gateway(), .get, "/api/logs/agents/dev?grep=(", headers: key)
        #expect(invalid.status.code == 400)
        #expect(invalid.text == #"{"error":"Invalid grep pattern"}"#)
    }

    @Test("a pattern that takes for ever is given up after a second")
    func slowPattern() async throws {
        var slow = bench
        slow.clock = RunningClock()
        try write(
            #"{"level":30,"time":1,"msg":"\#(String(repeating: "a", count: 60))"}"# + "\n",
            to: "dev-2026-01-01.log"
        )
        let path = "/api/logs/agents/dev?grep=(a%2B)%2B%24x"
        let response = try await ask(try slow.gateway(), .get, path, headers: key)
        #expect(response.status.code == 400)
        #expect(response.text.contains("grep took longer than 1 s"))
    }

    @Test("a search that has looked long enough gives what it found and goes on from there, each entry once")
    func longSearch() async throws {
        var slow = bench
        slow.clock = RunningClock(step: .milliseconds(1))
        for (day, range) in [("01", 0..<20), ("02", 20..<50)] {
            try write(range.map { line($0, #","msg":"step""#) }.joined(), to: "dev-2026-01-\(day).log")
        }
        let gateway = try slow.gateway()
        func ask(_ place: String) async throws -> JSONValue {
            let path = "/api/logs/agents/dev?lines=1000&grep=step\(place)"
            return try JSONValue(parsing: try await GatewayTests.ask(gateway, .get, path, headers: key).text)
        }
        var page = try await ask("")
        var seen = numbers(page)
        #expect(seen.count < 30 && seen.last == 49)
        while let cursor = page["backCursor"]?.stringValue {
            page = try await ask("&back_cursor=\(cursor)")
            #expect(!numbers(page).isEmpty)
            seen = numbers(page) + seen
        }
        #expect(seen == Array(0..<50))
        page = try await ask("&cursor=\(LogCursor(startOf: nil).text)")
        seen = numbers(page)
        while page["hasMore"] == true {
            page = try await ask("&cursor=\(try #require(page["cursor"]?.stringValue))")
            seen += numbers(page)
        }
        #expect(seen == Array(0..<50))
    }

    @Test("older pages follow back_cursor to the beginning, over days, each entry once")
    func backward() async throws {
        for (day, range) in [("01", 0..<7), ("02", 7..<10), ("04", 10..<25)] {
            try write(range.map { line($0) }.joined(), to: "dev-2026-01-\(day).log")
        }
        var page = try await read("agents/dev?lines=4")
        var seen = numbers(page)
        #expect(seen == [21, 22, 23, 24])
        while let cursor = page["backCursor"]?.stringValue {
            page = try await read("agents/dev?lines=4&back_cursor=\(cursor)")
            #expect(numbers(page).count <= 4)
            seen = numbers(page) + seen
        }
        #expect(seen == Array(0..<25))
        let forward = try await read("agents/dev?lines=4")
        let cursor = try #require(forward["cursor"]?.stringValue)
        #expect(numbers(try await read("agents/dev?cursor=\(cursor)")).isEmpty)
    }

    @Test("one day's file is read when it is named, the gateway's own log too")
    func days() async throws {
        try write(line(1), to: "gateway-2026-01-01.log")
        try write(line(2), to: "gateway-2026-01-02.log")
        #expect(numbers(try await read("gateway?date=2026-01-01")) == [1])
        #expect(numbers(try await read("gateway")) == [2])
        #expect(numbers(try await read("gateway?date=2026-01-03")).isEmpty)
        #expect(try await ask(try bench.gateway(), .get, "/api/logs/gateway?date=x", headers: key).status.code == 400)
    }

    @Test("days that are named are read from the first one's beginning to the last one's end, page by page")
    func someDays() async throws {
        for day in 1...4 { try write(line(2 * day) + line(2 * day + 1), to: "dev-2026-01-0\(day).log") }
        let first = try await read("agents/dev?from=2026-01-02&to=2026-01-03&lines=3")
        #expect(numbers(first) == [4, 5, 6])
        #expect(first["hasMore"] == true)
        let cursor = try #require(first["cursor"]?.stringValue)
        let rest = try await read("agents/dev?from=2026-01-02&to=2026-01-03&cursor=\(cursor)")
        #expect(numbers(rest) == [7])
        #expect(rest["hasMore"] == false)
        #expect(numbers(try await read("agents/dev?from=2026-01-03")) == [6, 7, 8, 9])
    }

    @Test("behind the end of a file that somebody emptied, reading goes on with what comes into it")
    func cutFile() async throws {
        try write(line(1) + line(2), to: "dev-2026-01-01.log")
        let cursor = try #require(try await read("agents/dev")["cursor"]?.stringValue)
        let file = try #require(FileHandle(forWritingAtPath: "\(bench.directory)/dev-2026-01-01.log"))
        try file.truncate(atOffset: 0)
        try file.close()
        let empty = try await read("agents/dev?cursor=\(cursor)")
        #expect(numbers(empty).isEmpty)
        let next = try #require(empty["cursor"]?.stringValue)
        try write((3...5).map { line($0) }.joined(), to: "dev-2026-01-01.log")
        #expect(numbers(try await read("agents/dev?cursor=\(next)")) == [3, 4, 5])
    }

    @Test("a cursor before all files reads the first one whole, one at a day's beginning that day")
    func beginning() async throws {
        let start = LogCursor(startOf: nil)
        #expect(numbers(try await read("agents/dev?cursor=\(start.text)")).isEmpty)
        try write((1...1500).map { line($0) }.joined(), to: "dev-2026-01-01.log")
        try write(line(1501), to: "dev-2026-01-02.log")
        let first = try await read("agents/dev?lines=1000&cursor=\(start.text)")
        let rest = try await read("agents/dev?lines=1000&cursor=\(try #require(first["cursor"]?.stringValue))")
        #expect(numbers(first) + numbers(rest) == Array(1...1501))
        let day = LogCursor(startOf: "2026-01-02")
        #expect(numbers(try await read("agents/dev?cursor=\(day.text)")) == [1501])
    }

    @Test("no file, bad names and bad cursors")
    func errors() async throws {
        let empty = try await ask(try bench.gateway(), .get, "/api/logs/scheduler", headers: key)
        #expect(empty.text == #"{"entries":[],"cursor":null,"hasMore":false}"#)
        for (path, text) in [
            ("agents/..%2fx", "Invalid agent name"), ("agents/a%00", "Invalid agent name"),
            ("agents/-a", "Invalid agent name"),
            ("agents/A", "Invalid agent name"), ("agents/dev/A!", "Invalid instance ID"),
            ("agents/dev?from=x", "Invalid from"), ("agents/dev?from=2026-01-01&to=2026-02-30", "Invalid to"),
            ("agents/dev?cursor=zzz", "Invalid cursor"), ("scheduler?cursor=Li4vOjA", "Invalid cursor"),
        ] {
            let response = try await ask(try bench.gateway(), .get, "/api/logs/" + path, headers: key)
            #expect(response.status.code == 400, "\(path)")
            #expect(response.text == #"{"error":"\#(text)"}"#)
        }
        #expect(try await ask(try bench.gateway(), .get, "/api/logs/agents/../../etc", headers: key).status.code == 404)
    }
}
