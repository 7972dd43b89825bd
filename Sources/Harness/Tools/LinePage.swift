import Domain
import Foundation

/// The wanted lines of a text, gathered while the text goes by in pieces.
///
/// However large the text is, no more is kept than a result may hold.
struct LinePage {
    private static let newline = UInt8(ascii: "\n")

    private let first: Int
    private let limit: Int?
    /// The wanted lines, joined.
    private var kept: [UInt8] = []
    private var keptLines = 0
    private var line: [UInt8] = []
    private var lineBytes = 0
    private var number = 1
    private var isFull = false
    private var hitBytes = false
    private var firstLineBytes = 0

    /// Wants lines from `offset`, counted from 1, at most `limit` of them.
    init(offset: Int, limit: Int?) {
        first = offset
        self.limit = limit
    }

    /// Looks at the next piece.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var start = 0
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let end = rest.baseAddress.flatMap { base in
                memchr(base, Int32(Self.newline), rest.count).map { UnsafeRawPointer($0) - base }
            }
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.count)])
            lineBytes += piece.count
            if isWanted { line += piece.prefix(max(0, ToolLimits.bytes + 1 - line.count)) }
            guard let end else { return }
            endLine()
            start += end + 1
        }
    }

    /// The lines, and what is left behind them.
    ///
    /// - Throws: ``HarnessError/Code/outOfRange`` when the text ends before the first wanted line.
    mutating func finish(path: String) throws(HarnessError) -> String {
        if lineBytes > 0 { endLine() }
        let total = number - 1
        guard first <= total else {
            throw HarnessError(.outOfRange, "Line \(first) is past the end: \(path) has \(total) lines.")
        }
        if keptLines == 0 {
            return "[Line \(first) alone is \(ToolLimits.sizeText(firstLineBytes)), over the 50KB limit. "
                + "Use bash: sed -n '\(first)p' \(path.quotedForShell) | head -c \(ToolLimits.bytes)]"
        }
        let text = String(decoding: kept, as: UTF8.self)
        let last = first + keptLines - 1
        guard last < total else { return text }
        let reason = hitBytes ? " (50KB limit)" : ""
        return text + "\n[Lines \(first)-\(last) of \(total)\(reason). Go on with offset=\(last + 1).]"
    }

    private var isWanted: Bool { number >= first && !isFull }

    private mutating func endLine() {
        if isWanted { keep() }
        number += 1
        line.removeAll(keepingCapacity: true)
        lineBytes = 0
    }

    private mutating func keep() {
        if keptLines == 0 { firstLineBytes = lineBytes }
        guard kept.count + lineBytes + (keptLines > 0 ? 1 : 0) <= ToolLimits.bytes else {
            hitBytes = true
            isFull = true
            return
        }
        if keptLines > 0 { kept.append(Self.newline) }
        kept += line
        keptLines += 1
        isFull = keptLines >= min(limit ?? .max, ToolLimits.lines)
    }
}
