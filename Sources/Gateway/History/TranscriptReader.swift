package import Domain
import Foundation

/// Reads `.al/transcripts/<instance>.jsonl` in bounded memory.
package struct TranscriptReader: Sendable {
    /// A line and its number.
    package struct Line: Sendable {
        package let sequence: Int
        package let text: String
        package let entry: JSONValue
    }

    /// Where to go on: from a byte, leaving out lines before a number.
    package struct Place: Hashable, Sendable {
        var sequence: Int
        var offset: UInt64 = 0

        init(sequence: Int, offset: UInt64 = 0) {
            self.sequence = sequence
            self.offset = offset
        }
    }

    /// Some lines and where the next ones are.
    package struct Page: Sendable {
        package var lines: [Line] = []
        package var next: Place
    }

    private static let blockSize = 64 << 10
    /// Longer lines are left out.
    private static let lineLimit = 8 << 20
    /// Bytes of lines in one page; the first line always fits.
    private static let pageLimit = 8 << 20

    let directory: String

    /// Reads in a directory, which need not exist yet.
    package init(directory: String) { self.directory = directory }

    /// The next whole lines from a place on; none when the run has written no more.
    func read(_ instance: InstanceID, from place: Place, count: Int) throws -> Page {
        var page = Page(next: place)
        guard let file = FileHandle(forReadingAtPath: path(of: instance)) else { return page }
        // Closing a file that was only read cannot lose anything.
        defer { try? file.close() }
        var lines = try ForwardLines(
            file: file,
            start: place.offset,
            blockSize: Self.blockSize,
            lineLimit: Self.lineLimit
        )
        var size = 0
        while page.lines.count < count, size < Self.pageLimit, let line = try lines.next(includingUnfinished: false) {
            page.next.offset = line.end
            // Lines that are no entries are left out, as in logs.
            guard let entry = try? JSONValue(parsing: line.bytes), let sequence = entry["seq"]?.intValue,
                (page.next.sequence..<Int.max).contains(sequence)
            else { continue }
            page.next.sequence = sequence + 1
            page.lines.append(Line(sequence: sequence, text: entry.compactText, entry: entry))
            size += line.length
        }
        return page
    }

    /// The last lines, oldest first.
    package func tail(_ instance: InstanceID, count: Int) throws -> [JSONValue] {
        guard let file = FileHandle(forReadingAtPath: path(of: instance)) else { return [] }
        // Closing a file that was only read cannot lose anything.
        defer { try? file.close() }
        var lines = BackwardLines(file: file, blockSize: Self.blockSize, lineLimit: Self.lineLimit)
        _ = try lines.seekToLastNewline()
        var entries: [JSONValue] = []
        while entries.count < count, let line = try lines.next() {
            // Lines that are no entries are left out, as in logs.
            guard let entry = try? JSONValue(parsing: line.bytes) else { continue }
            entries.append(entry)
        }
        return entries.reversed()
    }

    private func path(of instance: InstanceID) -> String { "\(directory)/\(instance).jsonl" }
}
