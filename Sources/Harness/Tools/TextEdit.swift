/// One replacement in the bytes of a file, worked out without touching the file.
struct TextEdit {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let newline = UInt8(ascii: "\n")

    /// The whole new content.
    let result: [UInt8]
    /// What the model reads: where it changed, and how it looks now.
    let report: String

    init(_ bytes: [UInt8], path: String, old: String, new: String, replacingAll: Bool) throws {
        guard !old.isEmpty else {
            throw HarnessError(
                .emptyOldText,
                "oldText is empty. Quote the text to replace; to create a file use write."
            )
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw HarnessError(.invalidText, "\(path) is not valid UTF-8 and cannot be edited as text. Use bash.")
        }
        let mark = bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
        let text = FoldedText(bytes, from: mark)
        let wanted = FoldedText(Array(old.utf8), from: 0).bytes
        let (ranges, isApproximate) = try Self.ranges(of: wanted, in: text, path: path, all: replacingAll)
        let inserted = Self.inserted(new, ending: text.firstEnding)
        var result: [UInt8] = []
        var position = 0
        var spots: [Range<Int>] = []
        for range in ranges {
            result += bytes[position..<range.lowerBound]
            let start = result.count
            result += inserted
            spots.append(start..<result.count)
            position = range.upperBound
        }
        result += bytes[position...]
        guard result != bytes else {
            throw HarnessError(.noChange, "Nothing would change in \(path): oldText and newText are the same there.")
        }
        self.result = result
        report = Self.report(result, spots: spots, path: path, isApproximate: isApproximate)
    }

    private static func ranges(
        of wanted: [UInt8],
        in text: FoldedText,
        path: String,
        all: Bool
    ) throws -> ([Range<Int>], Bool) {
        let exact = ByteSearch.occurrences(of: wanted, in: text.bytes)
        if exact.count == 1 || (all && !exact.isEmpty) {
            return (exact.map { text.origin($0..<($0 + wanted.count)) }, false)
        }
        if exact.count > 1 {
            throw several(exact.prefix(mostListed).map(text.line(at:)), of: exact.count, path, "")
        }
        let loose = LooseText(text.bytes)
        let target = LooseText(wanted).bytes
        let matches = target.isEmpty ? [] : ByteSearch.occurrences(of: target, in: loose.bytes)
        if matches.count == 1 {
            return ([text.origin(loose.origin(matches[0]..<(matches[0] + target.count)))], true)
        }
        if matches.count > 1 {
            let places = matches.prefix(mostListed).map { text.line(at: loose.origin($0..<($0 + 1)).lowerBound) }
            throw several(places, of: matches.count, path, "approximately ")
        }
        throw HarnessError(.noMatch, noMatchText(wanted, text, path))
    }

    /// Places whose lines are told.
    private static let mostListed = 20

    private static func several(_ lines: [Int], of count: Int, _ path: String, _ how: String) -> HarnessError {
        HarnessError(
            .severalMatches,
            "oldText occurs \(how)\(count) times in \(path), at lines \(listed(lines, of: count)). "
                + "Quote more of the surroundings, or set replaceAll."
        )
    }

    private static func listed(_ lines: [Int], of count: Int) -> String {
        lines.map(String.init).joined(separator: ", ") + (count > lines.count ? ", …" : "")
    }

    private static func inserted(_ new: String, ending: [UInt8]) -> [UInt8] {
        let folded = FoldedText(Array(new.utf8), from: 0).bytes
        guard ending.count > 1 else { return folded }
        return folded.flatMap { $0 == newline ? ending : [$0] }
    }

    private static func noMatchText(_ wanted: [UInt8], _ text: FoldedText, _ path: String) -> String {
        let lines = text.bytes.split(separator: newline, omittingEmptySubsequences: false).map(trimmed)
        let sought = wanted.split(separator: newline, omittingEmptySubsequences: false).map(trimmed)
        let set = Set(sought.filter { !$0.isEmpty })
        let hits = lines.map { set.contains($0) ? 1 : 0 }
        let width = min(sought.count, lines.count)
        var score = hits.prefix(width).reduce(0, +)
        var best = (score: score, start: 0)
        for start in 1..<max(1, lines.count - width + 1) {
            score += hits[start + width - 1] - hits[start - 1]
            if score > best.score { best = (score, start) }
        }
        guard best.score > 0 else {
            return "oldText does not occur in \(path), nor anything like it. Read the file again before editing."
        }
        let raw = text.bytes.split(separator: newline, omittingEmptySubsequences: false)
        let shown = raw[best.start..<(best.start + min(width, 20))]
            .map(LineCut.text).joined(separator: "\n")
        return "oldText does not occur in \(path). The closest place is lines \(best.start + 1)-\(best.start + width), "
            + "which read:\n\(shown)"
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var line = line.drop(while: isBlank)
        while let last = line.last, isBlank(last) { line.removeLast() }
        return ArraySlice(Array(line))
    }

    private static func report(_ result: [UInt8], spots: [Range<Int>], path: String, isApproximate: Bool) -> String {
        let lines = result.split(separator: newline, omittingEmptySubsequences: false)
        let numbers = spots.prefix(mostListed).map { spot in
            result[..<spot.lowerBound].reduce(1) { $0 + ($1 == newline ? 1 : 0) }
        }
        var text = "Edited \(path) at line\(spots.count == 1 ? "" : "s") \(listed(numbers, of: spots.count))"
        if isApproximate { text += " (approximate match: blanks, quotes or dashes differed)" }
        guard let spot = spots.first, let number = numbers.first else { return text }
        let height = result[spot].reduce(1) { $0 + ($1 == newline ? 1 : 0) }
        let from = max(0, number - 3)
        let to = min(lines.count, number - 1 + height + 2, from + 40)
        let hunk = lines[from..<to].map { line in LineCut.text(line).filter { $0 != "\r" } }
        return text + ":\n" + hunk.joined(separator: "\n")
    }
}

/// Finds byte strings.
enum ByteSearch {
    /// Whether a pattern stands somewhere; the empty one does everywhere.
    static func contains(_ bytes: ArraySlice<UInt8>, _ pattern: [UInt8]) -> Bool {
        guard let first = pattern.first else { return true }
        var start = bytes.startIndex
        while bytes.endIndex - start >= pattern.count {
            guard let found = bytes[start...].firstIndex(of: first), bytes.endIndex - found >= pattern.count else {
                return false
            }
            if bytes[found..<(found + pattern.count)].elementsEqual(pattern) { return true }
            start = found + 1
        }
        return false
    }

    /// Where a non-empty pattern begins, without overlaps.
    static func occurrences(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard let first = pattern.first, bytes.count >= pattern.count else { return [] }
        var found: [Int] = []
        var index = 0
        let last = bytes.count - pattern.count
        while index <= last {
            if bytes[index] == first, bytes[index..<(index + pattern.count)].elementsEqual(pattern) {
                found.append(index)
                index += pattern.count
            } else {
                index += 1
            }
        }
        return found
    }
}
