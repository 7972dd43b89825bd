import Domain
import Foundation

/// Replaces secret values in text, in six encodings: plain, base64, base64url, percent-encoded, JSON-escaped and hex.
///
/// Values under eight bytes are left alone, because they would hide ordinary words. Of values with several lines each line of
/// at least sixteen bytes is looked for as well. A text is gone through once, however many secrets there are.
package struct Redactor: Sendable {
    private struct Needle: Sendable {
        let bytes: [UInt8]
        let secret: Secret
    }

    /// A stretch to replace, and the longest secret in it.
    private struct Match {
        var range: Range<Int>
        var needle: Needle
    }

    /// By their first byte, longest first.
    private let needles: [UInt8: [Needle]]
    /// Whether a needle begins with a byte.
    private let isStart: [Bool]

    /// Prepares the needles.
    package init(_ secrets: [Secret]) {
        var needles: [UInt8: [Needle]] = [:]
        var isStart = [Bool](repeating: false, count: 256)
        for secret in secrets {
            let lines = secret.value.split(whereSeparator: \.isNewline).map(String.init)
            let parts = [secret.value] + (lines.count > 1 ? lines.filter { $0.utf8.count >= 16 } : [])
            for part in parts where part.utf8.count >= 8 {
                for form in Set(Self.forms(of: part)) {
                    let needle = Needle(bytes: Array(form.utf8), secret: secret)
                    needles[needle.bytes[0], default: []].append(needle)
                    isStart[Int(needle.bytes[0])] = true
                }
            }
        }
        self.needles = needles.mapValues { $0.sorted { $0.bytes.count > $1.bytes.count } }
        self.isStart = isStart
    }

    /// Whether there is nothing to hide.
    package var isEmpty: Bool { needles.isEmpty }

    /// The text without secrets, and which of them stood in it.
    ///
    /// Secrets that overlap are replaced together, so that no part of either stays.
    package func redact(_ text: String) -> (text: String, found: [Secret]) {
        guard !isEmpty else { return (text, []) }
        var text = text
        // By bytes: by characters, a combining mark behind a value would hide it from the search.
        return text.withUTF8 { bytes in
            var found: [Secret] = []
            let matches = matches(in: bytes, found: &found)
            guard !matches.isEmpty else { return (String(decoding: bytes, as: UTF8.self), []) }
            var clean: [UInt8] = []
            clean.reserveCapacity(bytes.count)
            var start = 0
            for match in matches {
                clean.append(contentsOf: bytes[start..<match.range.lowerBound])
                clean.append(contentsOf: match.needle.secret.mark.utf8)
                start = match.range.upperBound
            }
            clean.append(contentsOf: bytes[start...])
            return (String(decoding: clean, as: UTF8.self), found)
        }
    }

    /// The stretches to replace, in order and apart from each other.
    private func matches(in bytes: UnsafeBufferPointer<UInt8>, found: inout [Secret]) -> [Match] {
        var matches: [Match] = []
        isStart.withUnsafeBufferPointer { isStart in
            for index in bytes.indices where isStart[Int(bytes[index])] {
                guard let needle = needle(at: index, in: bytes) else { continue }
                if !found.contains(needle.secret) { found.append(needle.secret) }
                let match = Match(range: index..<index + needle.bytes.count, needle: needle)
                if let last = matches.last, last.range.upperBound > index {
                    matches[matches.count - 1] = Self.union(last, match)
                } else {
                    matches.append(match)
                }
            }
        }
        return matches
    }

    private func needle(at index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Needle? {
        needles[bytes[index]]?.first { needle in
            needle.bytes.count <= bytes.count - index && needle.bytes[1] == bytes[index + 1]
                && bytes[index..<index + needle.bytes.count].elementsEqual(needle.bytes)
        }
    }

    private static func union(_ first: Match, _ second: Match) -> Match {
        let end = max(first.range.upperBound, second.range.upperBound)
        let isLonger = second.needle.bytes.count > first.needle.bytes.count
        return Match(range: first.range.lowerBound..<end, needle: isLonger ? second.needle : first.needle)
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
