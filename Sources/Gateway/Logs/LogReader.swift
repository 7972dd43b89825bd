import Domain
import Foundation

/// Reads `<name>-<date>.log` files by bytes, in bounded memory whatever their size.
struct LogReader: Sendable {
    /// An entry and the place behind it.
    struct Record: Sendable {
        let entry: JSONValue
        let end: LogCursor
    }

    /// An answer of the log API.
    struct Page: Sendable {
        var records: [Record] = []
        var cursor: LogCursor?
        var hasMore = false
    }

    private static let blockSize = 64 << 10
    /// Longer lines are left out.
    private static let lineLimit = 1 << 20
    /// Bytes looked at in one forward read; a client simply asks again.
    private static let scanLimit = 16 << 20

    let directory: String

    /// The last `count` wanted entries of the newest file; the cursor stands behind its last whole line.
    func tail(_ name: String, count: Int, filter: LogFilter) throws -> Page {
        guard let date = dates(of: name).last, let file = open(name, date) else { return Page() }
        // Closing a file that was only read cannot lose anything.
        defer { try? file.close() }
        var page = Page()
        var lines = BackwardLines(file: file, blockSize: Self.blockSize, lineLimit: Self.lineLimit)
        let end = try lines.seekToLastNewline()
        while page.records.count < count, let line = try lines.next() {
            guard let entry = LogEntry.parse(line.bytes), filter.accepts(entry) else { continue }
            page.records.append(Record(entry: entry, end: LogCursor(date: date, offset: line.end)))
        }
        page.records.reverse()
        page.cursor = LogCursor(date: date, offset: end)
        return page
    }

    /// Entries after a cursor, at most `count`; an old day is finished before the next begins.
    func forward(_ name: String, from cursor: LogCursor, count: Int, filter: LogFilter) throws -> Page {
        // Listed before reading: once a newer file exists nothing more comes into an older one.
        let later = dates(of: name).filter { $0 > cursor.date }
        var page = Page(cursor: cursor)
        var budget = Self.scanLimit
        for (index, date) in ([cursor.date] + later).enumerated() {
            let start = index == 0 ? cursor.offset : 0
            page.cursor = LogCursor(date: date, offset: start)
            let isFinal = index < later.count
            let isDrained = try read(
                name,
                date,
                from: start,
                into: &page,
                count: count,
                filter: filter,
                &budget,
                isFinal
            )
            guard isDrained else {
                page.hasMore = true
                return page
            }
        }
        return page
    }

    /// Reads one file on.
    ///
    /// - Returns: `false` when the page is full or the budget spent although more lines are there.
    private func read(
        _ name: String,
        _ date: String,
        from start: UInt64,
        into page: inout Page,
        count: Int,
        filter: LogFilter,
        _ budget: inout Int,
        _ isFinal: Bool
    ) throws -> Bool {
        guard let file = open(name, date) else { return true }
        // Closing a file that was only read cannot lose anything.
        defer { try? file.close() }
        var lines = try ForwardLines(file: file, start: start, blockSize: Self.blockSize, lineLimit: Self.lineLimit)
        while let line = try lines.next(includingUnfinished: isFinal) {
            guard page.records.count < count, budget > 0 else { return false }
            budget -= line.length
            page.cursor = LogCursor(date: date, offset: line.end)
            guard let entry = LogEntry.parse(line.bytes), filter.accepts(entry) else { continue }
            page.records.append(Record(entry: entry, end: LogCursor(date: date, offset: line.end)))
        }
        return true
    }

    /// The days of which a file of exactly this name exists, oldest first.
    private func dates(of name: String) -> [String] {
        // No directory means no logs yet.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.compactMap { file in
            guard file.hasPrefix(name + "-"), file.hasSuffix(".log") else { return nil }
            let date = file.dropFirst(name.count + 1).dropLast(4)
            return LogCursor.isDate(date) ? String(date) : nil
        }.sorted()
    }

    private func open(_ name: String, _ date: String) -> FileHandle? {
        FileHandle(forReadingAtPath: "\(directory)/\(name)-\(date).log")
    }
}
