import Domain
import OrderedCollections

/// Joins the parts of transcript lines, which a run cuts to keep its output lines short.
struct TranscriptAssembler {
    /// Most bytes of lines that are not whole: longer lines are not shown to anybody.
    static let limit = 8 << 20

    private var parts: [Int: [Int: String]] = [:]
    /// Whether nothing would be lost if somebody else went on from here.
    ///
    /// The parts of a line come one after the other: of one that another line interrupts nothing more is hoped for.
    private(set) var isWhole = true
    /// What ``parts`` take in memory.
    private(set) var size = 0

    /// Takes the fields of a `message` line (`seq`, `part`, `of`, `json`); returns the transcript line once it is whole.
    ///
    /// Parts count from 0 or from 1: a line is whole when `of` different ones have come. Whatever never becomes whole is
    /// forgotten when there is too much of it.
    mutating func take(_ fields: OrderedDictionary<String, JSONValue>) -> String? {
        guard let text = fields["json"]?.stringValue, let sequence = fields["seq"]?.intValue else { return nil }
        let count = fields["of"]?.intValue ?? 1
        isWhole = count <= 1
        guard count > 1 else { return text }
        if size + Self.size(of: text) > Self.limit { forgetParts() }
        let replaced = parts[sequence, default: [:]].updateValue(text, forKey: fields["part"]?.intValue ?? 0)
        size += Self.size(of: text) - (replaced.map(Self.size) ?? 0)
        guard let known = parts[sequence], known.count >= count else { return nil }
        parts[sequence] = nil
        isWhole = true
        for part in known.values { size -= Self.size(of: part) }
        return known.sorted { $0.key < $1.key }.map(\.value).joined()
    }

    private mutating func forgetParts() {
        parts = [:]
        size = 0
    }

    private static func size(of part: String) -> Int { part.utf8.count + 64 }
}
