import Domain
import FoundationEssentials

/// The forms in which a value may turn up in a text.
enum SecretForms {
    /// Under this many bytes a value would hide ordinary words.
    static let shortestValue = 8
    /// Under this many bytes a line of a longer value is not looked for on its own.
    private static let shortestLine = 16

    /// Every form of a value and of its longer lines, without line breaks, each once.
    static func all(of value: String) -> Set<[UInt8]> {
        let lines = value.split(whereSeparator: \.isNewline).map(String.init)
        let parts = [value] + (lines.count > 1 ? lines.filter { $0.utf8.count >= shortestLine } : [])
        var forms: Set<[UInt8]> = []
        for part in parts where part.utf8.count >= shortestValue { forms.formUnion(encodings(of: part)) }
        return Set(forms.map { $0.filter { !RedactionStream.isLineBreak($0) } }.filter { $0.count >= shortestValue })
    }

    private static func encodings(of value: String) -> [[UInt8]] {
        let bytes = Array(value.utf8)
        return [bytes, hex(bytes, "0123456789abcdef"), hex(bytes, "0123456789ABCDEF")]
            + jsonForms(of: value) + percentForms(of: bytes) + base64Forms(of: bytes)
    }

    private static func hex(_ bytes: [UInt8], _ digits: String) -> [UInt8] {
        let digits = Array(digits.utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    /// As this program writes JSON, with escaped slashes (PHP), in ASCII only (Python), both, and safe for HTML (Go).
    private static func jsonForms(of value: String) -> [[UInt8]] {
        let json = String(JSONValue.quoted(value).dropFirst().dropLast())
        let ascii = json.utf16.map { unit in unit < 0x80 ? character(unit) : escaped(unit) }.joined()
        let slash = [UInt8(ascii: "/"): "\\/"]
        let html = [UInt8(ascii: "<"): "\\u003c", UInt8(ascii: ">"): "\\u003e", UInt8(ascii: "&"): "\\u0026"]
        return [
            Array(json.utf8), Array(ascii.utf8), replacing(slash, in: json), replacing(slash, in: ascii),
            replacing(html, in: json),
        ]
    }

    private static func replacing(_ escapes: [UInt8: String], in text: String) -> [UInt8] {
        text.utf8.flatMap { byte in escapes[byte].map { Array($0.utf8) } ?? [byte] }
    }

    private static func character(_ unit: UInt16) -> String {
        String(decoding: [UInt8(truncatingIfNeeded: unit)], as: UTF8.self)
    }

    private static func escaped(_ unit: UInt16) -> String {
        "\\u" + String(decoding: hex([UInt8(unit >> 8), UInt8(unit & 0xFF)], "0123456789abcdef"), as: UTF8.self)
    }

    /// By RFC 3986 with digits in both cases, and as JavaScript and HTML forms do it.
    private static func percentForms(of bytes: [UInt8]) -> [[UInt8]] {
        let form = percent(bytes, keeping: "-._*", "0123456789ABCDEF")
        return [
            percent(bytes, keeping: "-._~", "0123456789ABCDEF"), percent(bytes, keeping: "-._~", "0123456789abcdef"),
            percent(bytes, keeping: "-_.!~*'()", "0123456789ABCDEF"),
            Array(String(decoding: form, as: UTF8.self).replacing("%20", with: "+").utf8),
        ]
    }

    private static func percent(_ bytes: [UInt8], keeping marks: String, _ digits: String) -> [UInt8] {
        let marks = Set(marks.utf8)
        return bytes.flatMap { byte -> [UInt8] in
            byte.isLetterOrDigit || marks.contains(byte) ? [byte] : [UInt8(ascii: "%")] + hex([byte], digits)
        }
    }

    /// At each of the three places a value can have in a group of three bytes, in both alphabets, with and without padding.
    ///
    /// Of the characters at either end that also depend on neighbours only those are looked for that an end of the text
    /// would make; up to six bits of the value may remain beside a mark.
    private static func base64Forms(of bytes: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for shift in 0..<3 {
            let text = Array(Data([UInt8](repeating: 0, count: shift) + bytes).base64EncodedString().utf8)
            let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
            let begin = [0, 2, 3][shift]
            let end = text.count - padding
            var variants = [Array(text[begin..<end])]
            if padding > 0 { variants += [Array(text[begin..<(end - 1)]), Array(text[begin...])] }
            for variant in variants { forms += [variant, urlSafe(variant)] }
        }
        return forms
    }

    private static func urlSafe(_ base64: [UInt8]) -> [UInt8] {
        base64.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }
    }
}
