import Domain
import Foundation

/// A value that must not appear in any output.
package struct Secret: Hashable, Sendable {
    package let type: String
    package let field: String
    package let value: String

    /// Collects the facts.
    package init(type: String, field: String, value: String) {
        self.type = type
        self.field = field
        self.value = value
    }
}

/// A text without secrets.
package struct Redaction: Hashable, Sendable {
    package let text: String
    /// What stood in it, as `<type>.<field>`, each once.
    package let hits: [String]
}

/// Replaces secrets, and common encodings of them, by `[redacted:<type>.<field>]`.
///
/// Values shorter than 8 bytes are left alone: they would match by chance. Of secrets with several lines each line of at least
/// 16 bytes counts for itself too.
package struct Redactor: Sendable {
    private struct Pattern: Sendable {
        let bytes: [UInt8]
        let name: String
    }

    /// By first byte, the longest first, so that an encoding is replaced whole.
    private let patterns: [UInt8: [Pattern]]

    /// Prepares to find these values.
    package init(secrets: [Secret]) {
        var names: [[UInt8]: String] = [:]
        for secret in secrets {
            var values = [secret.value].filter { $0.utf8.count >= 8 }
            let lines = secret.value.split(whereSeparator: \.isNewline).map(String.init)
            if lines.count > 1 { values += lines.filter { $0.utf8.count >= 16 } }
            for form in values.flatMap(SecretForms.all) where names[form] == nil {
                names[form] = "\(secret.type).\(secret.field)"
            }
        }
        var patterns: [UInt8: [Pattern]] = [:]
        for (bytes, name) in names {
            if let first = bytes.first { patterns[first, default: []].append(Pattern(bytes: bytes, name: name)) }
        }
        self.patterns = patterns.mapValues { $0.sorted { $0.bytes.count > $1.bytes.count } }
    }

    /// Replaces what stands in a text.
    ///
    /// A secret that is split over two texts is not found: hand over whole lines.
    package func redact(_ text: String) -> Redaction {
        guard !patterns.isEmpty else { return Redaction(text: text, hits: []) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var hits: [String] = []
        var index = 0
        while index < bytes.count {
            guard let match = patterns[bytes[index]]?.first(where: { bytes[index...].starts(with: $0.bytes) }) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            result += "[redacted:\(match.name)]".utf8
            if !hits.contains(match.name) { hits.append(match.name) }
            index += match.bytes.count
        }
        return hits.isEmpty
            ? Redaction(text: text, hits: []) : Redaction(text: String(decoding: result, as: UTF8.self), hits: hits)
    }
}

/// The forms in which a secret may show up.
private enum SecretForms {
    static func all(_ value: String) -> [[UInt8]] {
        let bytes = Array(value.utf8)
        var forms = [bytes, Array(JSONValue.quoted(value).utf8.dropFirst().dropLast())]
        forms += [hex(bytes, uppercase: false), hex(bytes, uppercase: true)]
        forms += [percent(bytes, uppercase: false), percent(bytes, uppercase: true)]
        for text in base64(bytes) {
            forms.append(Array(text.utf8))
            forms.append(text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == slash ? underscore : $0 })
        }
        return forms.filter { $0.count >= 8 }
    }

    private static let slash = UInt8(ascii: "/")
    private static let underscore = UInt8(ascii: "_")

    private static func hex(_ bytes: [UInt8], uppercase: Bool) -> [UInt8] {
        bytes.flatMap { byte in
            let digits = String(byte, radix: 16, uppercase: uppercase)
            return Array((digits.count == 1 ? "0\(digits)" : digits).utf8)
        }
    }

    private static func percent(_ bytes: [UInt8], uppercase: Bool) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            isUnreserved(byte) ? [byte] : [UInt8(ascii: "%")] + hex([byte], uppercase: uppercase)
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        let character = Character(UnicodeScalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
    }

    /// The value alone, with and without padding, and what stays the same of it wherever it stands in a longer text.
    private static func base64(_ bytes: [UInt8]) -> [String] {
        let alone = Data(bytes).base64EncodedString()
        var forms = [alone, alone.filter { $0 != "=" }]
        for shift in 0..<3 {
            let text = Data([UInt8](repeating: 0, count: shift) + bytes).base64EncodedString()
            let start = shift == 0 ? 0 : shift + 1
            let end = (shift + bytes.count) * 8 / 6
            forms.append(String(text.prefix(end).dropFirst(start)))
        }
        return forms
    }
}
