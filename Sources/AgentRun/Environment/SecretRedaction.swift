import Domain
import FoundationEssentials

/// Replaces secrets in texts by their names, in the forms in which they usually leak.
struct SecretRedaction: Sendable {
    private struct Needle: Sendable {
        var text: String
        var place: String
    }

    private let needles: [Needle]

    /// Collects secrets.
    ///
    /// - Parameter secrets: values with type and field; those below 8 bytes are too common to be replaced.
    init(_ secrets: [(type: String, field: String, value: String)]) {
        var needles: [Needle] = []
        for secret in secrets {
            let lines = secret.value.split(whereSeparator: \.isNewline).map(String.init)
            let values = lines.count > 1 ? lines.filter { $0.utf8.count >= 16 } : [secret.value]
            for value in values where value.utf8.count >= 8 {
                for form in Self.forms(of: value) {
                    needles.append(Needle(text: form, place: "\(secret.type).\(secret.field)"))
                }
            }
        }
        // The longest first: one secret may be part of another.
        self.needles = needles.sorted { $0.text.utf8.count > $1.text.utf8.count }
    }

    /// The text without secrets, and the names (`<type>.<field>`) of those that were in it.
    func redact(_ text: String) -> (String, [String]) {
        var result = text
        var found: [String] = []
        for needle in needles where result.contains(needle.text) {
            result = result.split(separator: needle.text, omittingEmptySubsequences: false)
                .joined(separator: "[redacted:\(needle.place)]")
            if !found.contains(needle.place) { found.append(needle.place) }
        }
        return (result, found)
    }

    private static func forms(of value: String) -> Set<String> {
        let data = Data(value.utf8)
        let base64 = data.base64EncodedString()
        let unpadded = String(base64.prefix { $0 != "=" })
        let url = String(unpadded.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
        let json = String(JSONValue.quoted(value).dropFirst().dropLast())
        let hex = data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return [value, unpadded, url, percentEncoded(data), json, hex]
    }

    private static func percentEncoded(_ data: Data) -> String {
        var result = ""
        for byte in data {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
