import Domain
import OrderedCollections

/// Joins the parts of transcript lines, which a run cuts to keep its output lines short.
struct TranscriptAssembler {
    private var parts: [Int: [Int: String]] = [:]

    /// Takes the fields of a `message` line (`seq`, `part`, `of`, `json`); returns the transcript line once it is whole.
    ///
    /// Parts count from 0 or from 1: a line is whole when `of` different ones have come.
    mutating func take(_ fields: OrderedDictionary<String, JSONValue>) -> String? {
        guard let text = fields["json"]?.stringValue, let sequence = fields["seq"]?.intValue else { return nil }
        let count = fields["of"]?.intValue ?? 1
        guard count > 1 else { return text }
        parts[sequence, default: [:]][fields["part"]?.intValue ?? 0] = text
        guard let known = parts[sequence], known.count >= count else { return nil }
        parts[sequence] = nil
        return known.sorted { $0.key < $1.key }.map(\.value).joined()
    }
}
