import Domain
import Foundation

/// Reads the log files of one name from wherever it stopped, without losing or repeating an entry.
///
/// Files are called `<name>-<YYYY-MM-DD>.log`; midnight is crossed, and an unfinished last line waits for its end.
struct LogTail {
    private let directory: String
    private let name: String
    private var date: String?
    private var offset: UInt64 = 0

    /// Starts at the very beginning of the newest file, or of the first one that appears.
    init(directory: String, name: String) {
        self.directory = directory
        self.name = name
    }

    /// Dates of the existing files, oldest first.
    static func dates(in directory: String, name: String) -> [String] {
        // A directory that is not there yet has no files.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.compactMap { file in
            guard file.hasPrefix(name + "-"), file.hasSuffix(".log") else { return nil }
            let date = String(file.dropFirst(name.count + 1).dropLast(4))
            return isDate(date) ? date : nil
        }.sorted()
    }

    /// Whether a text has the form `YYYY-MM-DD`.
    static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [4, 2, 2] && parts.allSatisfy { $0.allSatisfy(\.isNumber) }
    }

    /// The entries that were written since the last call.
    mutating func readNew() throws -> [JSONValue] {
        let dates = Self.dates(in: directory, name: name)
        guard let first = date ?? dates.last else { return [] }
        var entries: [JSONValue] = []
        for day in dates where day >= first {
            if day != date {
                date = day
                offset = 0
            }
            entries += try read(day)
        }
        return entries
    }

    /// Reads the last entries of a file that pass a filter and stands behind them afterwards.
    mutating func readLast(_ count: Int, of day: String?, where isVisible: (JSONValue) -> Bool) throws -> [JSONValue] {
        guard let day = day ?? Self.dates(in: directory, name: name).last else { return [] }
        date = day
        offset = 0
        var last: [JSONValue] = []
        for entry in try read(day) where isVisible(entry) {
            last.append(entry)
            if last.count >= 2 * count { last.removeFirst(count) }
        }
        return Array(last.suffix(count))
    }

    private mutating func read(_ day: String) throws -> [JSONValue] {
        let path = "\(directory)/\(name)-\(day).log"
        guard let handle = FileHandle(forReadingAtPath: path) else { return [] }
        defer { try? handle.close() }
        try handle.seek(toOffset: offset)
        var entries: [JSONValue] = []
        var rest: [UInt8] = []
        while let block = try handle.read(upToCount: 1 << 20), !block.isEmpty {
            rest += block
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            for line in rest[...end].split(separator: UInt8(ascii: "\n")) {
                // Lines that are no JSON objects are skipped, as the log API does.
                if let entry = try? JSONValue(parsing: line), entry.objectValue != nil { entries.append(entry) }
            }
            offset += UInt64(end + 1)
            rest.removeSubrange(...end)
        }
        return entries
    }
}
