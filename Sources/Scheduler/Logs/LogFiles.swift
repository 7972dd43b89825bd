package import Domain
package import FoundationEssentials
import Synchronization

/// The files of `.al/logs` and `.al/transcripts`.
///
/// A line goes to the file of the date (UTC) on which it is written, whatever its own time says, or of a later one where the
/// clock was set back: readers follow the newest file. Directories are 0700 and files 0600. A line that cannot be
/// written is lost: logging never stops the scheduler.
package final class LogFiles: LogSink {
    private struct OpenFile {
        /// Days since 1970.
        var day: Int
        var file: AppendedFile
    }

    private let stateDirectory: String
    private let process: Int32
    private let host: String
    private let now: @Sendable () -> Date
    private let observer: (@Sendable (LogEntry) -> Void)?
    /// Open log files by name; transcripts are opened line by line because runs are many and their lines are few.
    private let files = Mutex<[String: OpenFile]>([:])

    /// Prepares the directories.
    ///
    /// - Parameters:
    ///   - stateDirectory: the project's `.al`.
    ///   - process: process id that stands in each line.
    ///   - host: host name that stands in each line.
    ///   - now: the wall clock.
    ///   - observer: sees each entry too, for a terminal.
    /// - Throws: what the file system says when a directory cannot be made.
    package init(
        stateDirectory: String,
        process: Int32,
        host: String,
        now: @escaping @Sendable () -> Date,
        observer: (@Sendable (LogEntry) -> Void)? = nil
    ) throws {
        self.stateDirectory = stateDirectory
        self.process = process
        self.host = host
        self.now = now
        self.observer = observer
        for path in ["logs", "transcripts"] {
            try FileManager.default.createDirectory(
                atPath: "\(stateDirectory)/\(path)",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
    }

    package func write(_ entry: LogEntry) {
        let line = entry.json(process: process, host: host) + "\n"
        files.withLock { files in
            let date = now()
            let day = UTCDate.day(of: date)
            var open = files[entry.name]
            if open.map({ $0.day < day }) ?? true {
                let path = "\(stateDirectory)/logs/\(entry.name)-\(UTCDate.text(of: date)).log"
                open = AppendedFile(path: path).map { OpenFile(day: day, file: $0) }
                files[entry.name] = open
            }
            open?.file.append(line)
        }
        observer?(entry)
    }

    /// Deletes transcripts that were written last before a date, except those of these runs.
    package func deleteTranscripts(olderThan date: Date, keeping live: Set<InstanceID>) {
        let directory = "\(stateDirectory)/transcripts"
        let kept = Set(live.map { "\($0).jsonl" })
        // What cannot be listed or deleted today is tried again tomorrow.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasSuffix(".jsonl") && !kept.contains(name) {
            let path = "\(directory)/\(name)"
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let written = attributes?[.modificationDate] as? Date, written < date else { continue }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    package func appendTranscript(_ line: String, of instance: InstanceID) {
        AppendedFile(path: "\(stateDirectory)/transcripts/\(instance).jsonl")?.append(line + "\n")
    }
}
