import Foundation

/// Finds the lines of one file that fit a pattern, with their surroundings.
///
/// The file is read in pieces: what is kept at any time is one piece and the lines around a match.
struct FileSearch {
    private static let pieceBytes = 256 * 1024

    let pattern: LinePattern
    /// Lines shown before and after a match.
    let context: Int
    /// Stands before each line.
    let name: String
    /// Receives each line of the result, without its line break; returns false to end the search.
    let onLine: (_ text: String, _ isMatch: Bool) -> Bool
    /// Asked between lines and in long ones; true ends the search.
    private let isOver: () -> Bool

    private var number = 0
    private var before: [(number: Int, bytes: [UInt8])] = []
    private var wantedAfter = 0
    private var lastShown = 0
    private var isFirstBlock: Bool
    private(set) var isStopped = false

    /// Prepares a search; `followsOthers`: blocks of other files stand above; `isOver` ends it early.
    init(
        _ pattern: LinePattern,
        context: Int,
        name: String,
        followsOthers: Bool,
        isOver: @escaping () -> Bool,
        onLine: @escaping (_ text: String, _ isMatch: Bool) -> Bool
    ) {
        self.pattern = pattern
        self.context = context
        self.name = name
        self.isOver = isOver
        self.onLine = onLine
        isFirstBlock = !followsOthers
    }

    /// Reads the file; one that is binary or cannot be read holds nothing.
    mutating func run(path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        var rest: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        var isFirst = true
        while !isStopped, !isOver() {
            let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            if isFirst, piece[..<min(count, 8192)].contains(0) { return }
            isFirst = false
            rest = take(rest.isEmpty ? Array(piece[..<count]) : rest + piece[..<count])
            // A line without end is searched piece by piece.
            if rest.count > 4 * Self.pieceBytes {
                look(at: rest[...])
                rest = []
                // What follows up to the next line break is still the same line.
                number -= 1
            }
        }
        if !isStopped, !rest.isEmpty { look(at: rest[...]) }
    }

    /// Looks at all whole lines.
    ///
    /// - Returns: what is left behind the last one.
    private mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            look(at: bytes[start..<end])
            if isStopped { return [] }
            start = end + 1
        }
        return Array(bytes[start...])
    }

    private mutating func look(at line: ArraySlice<UInt8>) {
        number += 1
        let line = line.last == 0x0D ? line.dropLast() : line
        guard pattern.matches(line, isOver: isOver) else {
            if wantedAfter > 0 {
                wantedAfter -= 1
                give(number, line, isMatch: false)
            } else if context > 0 {
                before.append((number, Array(LineCut.bytes(line))))
                if before.count > context { before.removeFirst() }
            }
            return
        }
        let first = before.first?.number ?? number
        if context > 0, first > lastShown + 1, !(isFirstBlock && lastShown == 0) { stop(unless: onLine("--", false)) }
        for earlier in before { give(earlier.number, earlier.bytes[...], isMatch: false) }
        before = []
        give(number, line, isMatch: true)
        wantedAfter = context
    }

    private mutating func give(_ number: Int, _ line: ArraySlice<UInt8>, isMatch: Bool) {
        guard !isStopped else { return }
        let text = LineCut.text(line)
        lastShown = number
        stop(unless: onLine(isMatch ? "\(name):\(number): \(text)" : "\(name)-\(number)- \(text)", isMatch))
    }

    private mutating func stop(unless goesOn: Bool) { if !goesOn { isStopped = true } }
}
