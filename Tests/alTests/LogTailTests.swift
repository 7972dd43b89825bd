import Domain
import Foundation
import Testing

@testable import al

@Suite struct LogTailTests {
    private func withLogs(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.path + "/al-logs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    private func append(_ text: String, to path: String) throws {
        let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try (old + text).write(toFile: path, atomically: false, encoding: .utf8)
    }

    @Test("following repeats and loses nothing, also over midnight and with a line in pieces")
    func follow() throws {
        try withLogs { directory in
            var tail = LogTail(directory: directory, name: "dev")
            try append("{\"n\":1}\n{\"n\"", to: directory + "/dev-2026-01-01.log")
            #expect(try tail.readNew() == [["n": 1]])
            try append(":2}\n", to: directory + "/dev-2026-01-01.log")
            try append("{\"n\":3}\n", to: directory + "/dev-2026-01-02.log")
            #expect(try tail.readNew() == [["n": 2], ["n": 3]])
            #expect(try tail.readNew().isEmpty)
        }
    }

    @Test("an agent never reads the file of another whose name begins with its own")
    func names() throws {
        try withLogs { directory in
            try append("{\"n\":1}\n", to: directory + "/dev-ops-2026-01-01.log")
            #expect(LogTail.dates(in: directory, name: "dev").isEmpty)
            #expect(LogTail.dates(in: directory, name: "dev-ops") == ["2026-01-01"])
        }
    }

    @Test("the last n visible entries come, however many invisible ones lie between")
    func last() throws {
        try withLogs { directory in
            let lines = (0..<1000).map { "{\"n\":\($0)}\n" }.joined()
            try append(lines + "not json\n", to: directory + "/dev-2026-01-01.log")
            var tail = LogTail(directory: directory, name: "dev")
            let entries = try tail.readLast(3, of: nil) { ($0["n"]?.intValue ?? 0) % 100 == 0 }
            #expect(entries.compactMap { $0["n"]?.intValue } == [700, 800, 900])
        }
    }
}
