import Domain
import Foundation

/// Replaces secret values in text, in six encodings: plain, base64, base64url, percent-encoded, JSON-escaped and hex.
///
/// Values under eight bytes are left alone, because they would hide ordinary words. Of values with several lines each line of
/// at least sixteen bytes is looked for as well.
package struct Redactor: Sendable {
    private let needles: [(text: String, secret: Secret)]

    /// Prepares the needles, longest first, so that a value inside another one does not spoil the longer match.
    package init(_ secrets: [Secret]) {
        var needles: [(text: String, secret: Secret)] = []
        for secret in secrets {
            let lines = secret.value.split(whereSeparator: \.isNewline).map(String.init)
            let parts = [secret.value] + (lines.count > 1 ? lines.filter { $0.utf8.count >= 16 } : [])
            for part in parts where part.utf8.count >= 8 {
                for form in Set(Self.forms(of: part)) { needles.append((form, secret)) }
            }
        }
        self.needles = needles.sorted { $0.text.utf8.count > $1.text.utf8.count }
    }

    /// Whether there is nothing to hide.
    package var isEmpty: Bool { needles.isEmpty }

    /// The text without secrets, and which of them stood in it.
    package func redact(_ text: String) -> (text: String, found: [Secret]) {
        var text = text
        var found: [Secret] = []
        // Literally: by characters, a combining mark behind a value would hide it from the search.
        for needle in needles where text.range(of: needle.text, options: .literal) != nil {
            text = text.replacingOccurrences(of: needle.text, with: needle.secret.mark, options: .literal)
            if !found.contains(needle.secret) { found.append(needle.secret) }
        }
        return (text, found)
    }

    private static func forms(of value: String) -> [String] {
        let bytes = Data(value.utf8)
        let base64 = bytes.base64EncodedString()
        let bare = base64.replacing("=", with: "")
        let url = bare.replacing("+", with: "-").replacing("/", with: "_")
        let hex = bytes.hexText
        let unreserved = CharacterSet(
            charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        )
        let percent = value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? value
        let json = String(JSONValue.quoted(value).dropFirst().dropLast())
        return [value, bare, url, percent, json, json.replacing("/", with: "\\/"), hex, hex.uppercased()]
    }
}
