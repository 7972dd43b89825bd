import Credentials
import Domain
import Foundation
import TestSupport
import Testing

@Suite("Redaction of random texts")
struct RedactionPropertyTests {
    private static let alphabet = Array("abcXYZ019-_+/=.~%\\\"<>& é🦙\t")

    private static func value(_ random: inout SeededGenerator, length: ClosedRange<Int> = 9...60) -> String {
        String((0..<Int.random(in: length, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
    }

    /// The bytes of a text as other programs would write them down.
    private static func encodings(of text: String) -> [String] {
        let data = Data(text.utf8)
        let base64 = data.base64EncodedString()
        let unreserved = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\0"..."\u{7F}"))
            .union(CharacterSet(charactersIn: "-._~"))
        // A string of strings is always encodable.
        let json = (try? JSONEncoder().encode([text])).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return [
            text, base64, base64.replacing("=", with: ""),
            base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""),
            text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "", json,
            data.map { String(format: "%02x", $0) }.joined(), data.map { String(format: "%02X", $0) }.joined(),
        ]
    }

    @Test("A value is found in every encoding, alone and inside a longer text that was encoded as a whole")
    func everywhere() {
        for seed in 0..<400 as Range<UInt64> {
            var random = SeededGenerator(state: seed)
            let value = Self.value(&random)
            let redactor = Redactor([Secret(type: "t", field: "f", value: value)])
            let (before, after) = (Self.value(&random, length: 0...7), Self.value(&random, length: 0...7))
            for text in Self.encodings(of: value) + Self.encodings(of: before + value + after) {
                let result = redactor.redact("> \(text) <")
                #expect(result.found.count == 1, "seed \(seed): \(text)")
                #expect(result.text.utf8.count < text.utf8.count + 30, "seed \(seed): \(result.text)")
            }
        }
    }

    @Test(
        "Base64 hides all but the characters that the neighbours decide, at each of the three alignments",
        arguments: 0..<3
    )
    func alignments(shift: Int) {
        let value = "a-long-secret-value-0123456789"
        let text = Data((String(repeating: "x", count: shift) + value + "yyy").utf8).base64EncodedString()
        let redacted = Redactor([Secret(type: "t", field: "f", value: value)]).redact(text).text
        let remains = redacted.replacing("[redacted:t.f]", with: "")
        #expect(redacted.contains("[redacted:t.f]"))
        #expect(remains.count <= 11, "\(redacted)")
    }

    @Test("Line breaks inside an encoding are looked through", arguments: ["\n", "\r\n"])
    func wrapped(separator: String) {
        let value = String(repeating: "0123456789abcdef", count: 6)
        let text = Data(value.utf8).base64EncodedString(
            options: separator == "\n" ? [.lineLength76Characters, .endLineWithLineFeed] : .lineLength76Characters
        )
        #expect(text.contains(separator))
        #expect(Redactor([Secret(type: "t", field: "f", value: value)]).redact("<\(text)>").text == "<[redacted:t.f]>")
    }

    @Test("Texts without a secret stay as they are, and nothing but the secret goes")
    func nothingElse() {
        for seed in 1000..<1400 as Range<UInt64> {
            var random = SeededGenerator(state: seed)
            let secret = Secret(type: "t", field: "f", value: "S3CRET-" + Self.value(&random))
            let redactor = Redactor([secret])
            let (before, after) = (Self.value(&random), Self.value(&random))
            #expect(redactor.redact(before + "\n" + after).text == before + "\n" + after, "seed \(seed)")
            #expect(
                Array(redactor.redact("\(before)|\(secret.value)|\(after)").text.utf8)
                    == Array("\(before)|\(secret.mark)|\(after)".utf8),
                "seed \(seed)"
            )
        }
    }

    @Test("However a text is cut into pieces, the result is the same as for the whole")
    func pieces() {
        for seed in 2000..<2400 as Range<UInt64> {
            var random = SeededGenerator(state: seed)
            // Values with common beginnings, ends and repetitions are the hard ones.
            let core = String(repeating: "ab", count: Int.random(in: 4...9, using: &random))
            let secrets = [core, core + "c", "b" + core, "xy" + core.dropFirst() + "z"].enumerated().map {
                Secret(type: "t", field: "f\($0.offset)", value: $0.element)
            }
            let redactor = Redactor(secrets)
            let letters = Array("ababababcxyz\n".utf8)
            let text = (0..<300).map { _ in letters.randomElement(using: &random) ?? 0 }
            let whole = redactor.redact(String(decoding: text, as: UTF8.self))
            var stream = redactor.stream()
            var output: [UInt8] = []
            var rest = text[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...20, using: &random)
                output += stream.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            output += stream.finish()
            #expect(String(decoding: output, as: UTF8.self) == whole.text, "seed \(seed)")
            #expect(stream.found == whole.found, "seed \(seed)")
            for secret in secrets { #expect(!whole.text.contains(secret.value), "seed \(seed)") }
        }
    }

    @Test("A stream gives out at once what cannot be part of a secret, and holds back no more than a beginning")
    func holdsBackLittle() {
        var stream = Redactor([Secret(type: "t", field: "f", value: "secret-value")]).stream()
        #expect(stream.append("hello ".utf8) == Array("hello ".utf8))
        #expect(stream.append("a secret".utf8) == Array("a ".utf8))
        #expect(stream.append("-sauce".utf8) == Array("secret-sauce".utf8))
        #expect(stream.append("secret-value!".utf8) == Array("[redacted:t.f]!".utf8))
        #expect(stream.append("secret-".utf8).isEmpty)
        #expect(stream.finish() == Array("secret-".utf8))
    }

    @Test("Overlapping secrets leave nothing of either")
    func overlap() {
        let redactor = Redactor([
            Secret(type: "a", field: "x", value: "12345678abcd"),
            Secret(type: "b", field: "y", value: "abcdefghijklmn"),
        ])
        #expect(redactor.redact("<12345678abcdefghijklmn>").text == "<[redacted:b.y]>")
    }

    @Test(
        "Other programs' JSON and URL escapes are known",
        arguments: [
            #"p<ss w\u00f6rd&\ud83e\udd99"#, #"p\u003css wörd\u0026🦙"#, "p%3Css%20w%C3%B6rd%26%F0%9F%A6%99",
            "p%3css%20w%c3%b6rd%26%f0%9f%a6%99", "p%3Css+w%C3%B6rd%26%F0%9F%A6%99",
        ]
    )
    func dialects(text: String) {
        let redactor = Redactor([Secret(type: "t", field: "f", value: "p<ss wörd&🦙")])
        #expect(redactor.redact("x \(text) y").text == "x [redacted:t.f] y")
    }
}
