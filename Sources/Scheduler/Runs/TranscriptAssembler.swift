import Domain
import OrderedCollections

/// Joins the parts of transcript lines, which a run cuts to keep its output lines short.
struct TranscriptAssembler {
    /// Most bytes of lines that are not whole: longer lines are not shown to anybody.
    static let limit = 8 << 20

    /// Most lines of other kinds between two parts: of a line that more interrupt nothing more is hoped for.
    static let span = 200

    private var parts: [Int: [Int: String]] = [:]
    /// Lines of other kinds since the last part of a line that is not whole; `nil` = there is none.
    private var linesSincePart: Int?
    /// What ``parts`` take in memory.
    private(set) var size = 0

    /// Whether nothing would be lost if somebody else went on from here.
    ///
    /// The parts of a line come one after the other, and no other transcript line between them: after one that is whole nothing
    /// more is hoped for.
    var isWhole: Bool { linesSincePart.map { $0 > Self.span } ?? true }

    /// Takes the fields of a `message` line (`seq`, `part`, `of`, `json`); returns the transcript line once it is whole.
    ///
    /// Parts count from 0 or from 1: a line is whole when `of` different ones have come. Whatever never becomes whole is
    /// forgotten when there is too much of it.
    mutating func take(_ fields: OrderedDictionary<String, JSONValue>) -> String? {
        guard let text = fields["json"]?.stringValue, let sequence = fields["seq"]?.intValue else { return nil }
        let count = fields["of"]?.intValue ?? 1
        linesSincePart = count <= 1 ? nil : 0
        guard count > 1 else { return text }
        if size + Self.size(of: text) > Self.limit { forgetParts() }
        let replaced = parts[sequence, default: [:]].updateValue(text, forKey: fields["part"]?.intValue ?? 0)
        size += Self.size(of: text) - (replaced.map(Self.size) ?? 0)
        guard let known = parts[sequence], known.count >= count else { return nil }
        parts[sequence] = nil
        linesSincePart = nil
        for part in known.values { size -= Self.size(of: part) }
        return known.sorted { $0.key < $1.key }.map(\.value).joined()
    }

    /// Counts a line of the run, transcript or not.
    mutating func countLine() { linesSincePart = linesSincePart.map { $0 + 1 } }

    private mutating func forgetParts() {
        parts = [:]
        size = 0
    }

    private static func size(of part: String) -> Int { part.utf8.count + 64 }
}
