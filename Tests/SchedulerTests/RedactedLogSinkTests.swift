import Domain
import Foundation
import OrderedCollections
import Scheduler
import Synchronization
import Testing

@Suite struct RedactedLogSinkTests {
    private final class Memory: LogSink {
        let entries = Mutex<[LogEntry]>([])
        let transcript = Mutex<[String]>([])
        func write(_ entry: LogEntry) { entries.withLock { $0.append(entry) } }
        func appendTranscript(_ line: String, of instance: InstanceID) { transcript.withLock { $0.append(line) } }
    }

    @Test("message, fields at every depth and transcripts lose their secrets before they are written")
    func everywhere() throws {
        let memory = Memory()
        let sink = RedactedLogSink(memory) { $0.replacing("secret", with: "***") }
        sink.write(
            LogEntry(
                level: .error,
                time: Date(timeIntervalSince1970: 0),
                name: "scheduler",
                fields: ["err": ["message": "a secret", "list": ["secret", 1]], "n": 2],
                message: "secret gone"
            )
        )
        let entry = try #require(memory.entries.withLock { $0.first })
        #expect(entry.message == "*** gone")
        #expect(entry.fields == ["err": ["message": "a ***", "list": ["***", 1]], "n": 2])
        sink.appendTranscript("{\"text\":\"secret\"}", of: try #require(InstanceID("dev-0a1b2c3d")))
        #expect(memory.transcript.withLock { $0 } == ["{\"text\":\"***\"}"])
    }
}
