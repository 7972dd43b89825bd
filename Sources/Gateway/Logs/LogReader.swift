package import Domain
import Foundation

/// Reads `<name>-<date>.log` files by bytes, in bounded memory whatever their size.
package struct LogReader: Sendable {
    /// An entry and the place behind it.
    package struct Record: Sendable {
        package let entry: JSONValue
        package let end: LogCursor
    }

    /// Some entries, oldest first, and the places before and behind them.
    package struct Page: Sendable {
        package var records: [Record] = []
        /// Where to go on forward; `nil` when there is no file.
        package var cursor: LogCursor?
        /// Where to go on backward; `nil` when nothing older is there.
        package var back: LogCursor?
        /// More can be read at once in the direction of the page.
        package var hasMore = false
    }

    /// Decides about an entry; an error ends the reading.
    package typealias Filter = (JSONValue) throws -> Bool

    private static let blockSize = 64 << 10
    /// Longer lines are left out.
    private static let lineLimit = 1 << 20
    /// Bytes looked at in one reading; a client simply asks again.
    private static let scanLimit = 16 << 20

    /// What one reading may still look at; one line always, so that who asks again comes on.
    private struct Budget {
        private var bytes = LogReader.scanLimit
        private let isOverdue: @Sendable () -> Bool
        private(set) var isSpent = false

        init(isOverdue: @escaping @Sendable () -> Bool) { self.isOverdue = isOverdue }

        mutating func spend(on line: LogLine) {
            bytes -= line.length
            isSpent = bytes <= 0 || isOverdue()
        }
    }

    let directory: String
    /// Whether a line that is no entry comes as a text instead of being left out.
    private let keepsText: Bool
    /// Asked after each line; `true` ends the reading at the place it has reached.
    private var isOverdue: @Sendable () -> Bool = { false }

    /// Reads in a directory, which need not exist yet.
    package init(directory: String, keepingText: Bool = false) {
        self.directory = directory
        keepsText = keepingText
    }

    /// The same reader, whose readings end when they take too long.
    func ending(when isOverdue: @escaping @Sendable () -> Bool) -> LogReader {
        var reader = self
        reader.isOverdue = isOverdue
        return reader
    }

    /// The last `count` wanted entries of a day's file; the cursor stands behind its last whole line.
    ///
    /// Where much has to be looked at for few entries there are fewer, and the rest follows by ``backward(_:from:count:where:)``.
    ///
    /// - Parameters:
    ///   - name: of an agent, `scheduler` or `gateway`.
    ///   - date: the day, `YYYY-MM-DD`; `nil` = the newest that has a file.
    ///   - count: most entries.
    ///   - filter: which entries are wanted.
    /// - Returns: the entries, oldest first.
    /// - Throws: when the file cannot be read.
    package func tail(_ name: String, on date: String? = nil, count: Int, where filter: Filter) throws -> Page {
        guard let date = date ?? dates(of: name).last, let file = open(name, date) else { return Page() }
        // Closing a file that was only read cannot lose anything.
        defer { try? file.close() }
        var lines = BackwardLines(file: file, blockSize: Self.blockSize, lineLimit: Self.lineLimit)
        let end = LogCursor(date: date, offset: try lines.seekToLastNewline())
        var page = Page(cursor: end)
        var budget = Budget(isOverdue: isOverdue)
        page.back = try collect(&lines, date, count, filter, &budget, &page.records).map {
            LogCursor(date: date, offset: $0)
        }
        if page.back == nil { page.back = place(behind: previous(to: date, of: name), of: name) }
        page.records.reverse()
        return page
    }

    /// The `count` wanted entries before a cursor, in older files too; fewer where much has to be looked at for them.
    package func backward(_ name: String, from cursor: LogCursor, count: Int, where filter: Filter) throws -> Page {
        var page = Page()
        var place: LogCursor? = cursor
        var budget = Budget(isOverdue: isOverdue)
        while let here = place, page.records.count < count, !budget.isSpent {
            place = self.place(behind: previous(to: here.date, of: name), of: name)
            guard let file = open(name, here.date) else { continue }
            // Closing a file that was only read cannot lose anything.
            defer { try? file.close() }
            var lines = BackwardLines(file: file, blockSize: Self.blockSize, lineLimit: Self.lineLimit)
            try lines.seek(to: here.offset)
            let rest = count - page.records.count
            if let offset = try collect(&lines, here.date, rest, filter, &budget, &page.records) {
                place = LogCursor(date: here.date, offset: offset)
            }
        }
        page.records.reverse()
        page.back = place
        page.hasMore = place != nil
        return page
    }

    /// Entries after a cursor, at most `count`; an old day is finished before the next begins.
    ///
    /// - Parameters:
    ///   - name: of an agent, `scheduler` or `gateway`.
    ///   - cursor: where to begin.
    ///   - lastDay: `YYYY-MM-DD`, no newer file is read; `nil` = all of them.
    ///   - count: most entries.
    ///   - filter: which entries are wanted.
    /// - Returns: the entries, oldest first.
    /// - Throws: when a file cannot be read.
    package func forward(
        _ name: String,
        from cursor: LogCursor,
        to lastDay: String? = nil,
        count: Int,
        where filter: Filter
    ) throws -> Page {
        // Listed before reading: once a newer file exists nothing more comes into an older one.
        let newer = dates(of: name).filter { $0 > cursor.date }
        let later = newer.filter { date in lastDay.map { date <= $0 } ?? true }
        var page = Page(cursor: cursor)
        var budget = Budget(isOverdue: isOverdue)
        for (index, date) in ([cursor.date] + later).enumerated() {
            let start = index == 0 ? cursor.offset : 0
            page.cursor = LogCursor(date: date, offset: start)
            let isFinal = index < newer.count
            guard try read(name, date, from: start, into: &page, count, filter, &budget, isFinal) else {
                page.hasMore = true
                return page
            }
        }
        return page
    }

    /// The days of which a file of exactly this name exists, oldest first.
    package func dates(of name: String) -> [String] {
        // No directory means no logs yet.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.compactMap { file in
            guard file.hasPrefix(name + "-"), file.hasSuffix(".log") else { return nil }
            let date = file.dropFirst(name.count + 1).dropLast(4)
            return LogCursor.isDate(date) ? String(date) : nil
        }.sorted()
    }

    /// Takes wanted entries, newest first; returns where the line looked at last begins, `nil` at the beginning of the file.
    private func collect(
        _ lines: inout BackwardLines,
        _ date: String,
        _ count: Int,
        _ filter: Filter,
        _ budget: inout Budget,
        _ records: inout [Record]
    ) throws -> UInt64? {
        let enough = records.count + count
        var place: UInt64?
        while records.count < enough, !budget.isSpent {
            guard let line = try lines.next() else { return nil }
            budget.spend(on: line)
            place = line.end - UInt64(line.length)
            guard let entry = entry(in: line), try filter(entry) else { continue }
            records.append(Record(entry: entry, end: LogCursor(date: date, offset: line.end)))
        }
        return place == 0 ? nil : place
    }

    /// Reads one file on.
    ///
    /// - Returns: `false` when the page is full or the budget spent although more lines are there.
    private func read(
        _ name: String,
        _ date: String,
        from start: UInt64,
        into page: inout Page,
        _ count: Int,
        _ filter: Filter,
        _ budget: inout Budget,
        _ isFinal: Bool
    ) throws -> Bool {
        guard let file = open(name, date) else { return true }
        // Closing a file that was only read cannot lose anything.
        defer { try? file.close() }
        var lines = try ForwardLines(file: file, start: start, blockSize: Self.blockSize, lineLimit: Self.lineLimit)
        page.cursor = LogCursor(date: date, offset: lines.position)
        while let line = try lines.next(includingUnfinished: isFinal) {
            guard page.records.count < count, !budget.isSpent else { return false }
            budget.spend(on: line)
            page.cursor = LogCursor(date: date, offset: line.end)
            guard let entry = entry(in: line), try filter(entry) else { continue }
            page.records.append(Record(entry: entry, end: LogCursor(date: date, offset: line.end)))
        }
        return true
    }

    private func entry(in line: LogLine) -> JSONValue? {
        if let entry = LogLineFormat.parse(line.bytes) { return entry }
        return keepsText && !line.bytes.isEmpty ? .string(String(decoding: line.bytes, as: UTF8.self)) : nil
    }

    private func previous(to date: String, of name: String) -> String? { dates(of: name).last { $0 < date } }

    private func place(behind date: String?, of name: String) -> LogCursor? {
        guard let date, let file = open(name, date) else { return nil }
        // Closing a file that was only read cannot lose anything; without its size it counts as empty.
        defer { try? file.close() }
        return LogCursor(date: date, offset: (try? file.seekToEnd()) ?? 0)
    }

    private func open(_ name: String, _ date: String) -> FileHandle? {
        FileHandle(forReadingAtPath: "\(directory)/\(name)-\(date).log")
    }
}
