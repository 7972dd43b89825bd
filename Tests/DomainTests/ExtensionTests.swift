import Domain
import Foundation
import TestSupport
import Testing

@Suite("What all rooms know of dates, secrets and bytes") struct ExtensionTests {
    @Test("A date is written with the milliseconds it has, in UTC")
    func dates() throws {
        #expect(Date(timeIntervalSince1970: 0).isoText == "1970-01-01T00:00:00.000Z")
        // The nearest number to this millisecond is below it.
        #expect(Date(timeIntervalSince1970: 1_710_700_000.001).isoText == "2024-03-17T18:26:40.001Z")
        #expect(Date(timeIntervalSince1970: 0.5).json == "1970-01-01T00:00:00.500Z")
        let zone = try #require(TimeZone(identifier: "Asia/Kolkata"))
        #expect(Date(timeIntervalSince1970: 1.999).clockText(in: zone) == "1970-01-01 05:30:01")
    }

    @Test("A date is written as Foundation does, from the year 1600 to 9999")
    func anyDate() {
        var generator = SeededGenerator(state: 8601)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<5000 {
            // An eighth of a second is exact in binary, so both must say the same.
            let date = Date(
                timeIntervalSince1970: Double(Int.random(in: -93_000_000_000..<2_024_000_000_000, using: &generator))
                    / 8
            )
            #expect(date.isoText == date.formatted(style))
        }
    }

    @Test("A time that no calendar has is written as the nearest that one has, and is not read")
    func impossibleTimes() {
        for (seconds, milliseconds) in [
            (.infinity, 8_640_000_000_000_000), (1e300, 8_640_000_000_000_000), (-1e300, -8_640_000_000_000_000),
            (.nan, 0), (1.2345, 1235),
        ] as [(Double, Int)] {
            let date = Date(timeIntervalSince1970: seconds)
            #expect(date.epochMilliseconds == milliseconds)
            #expect(date.isoText.hasSuffix("Z"))
        }
        for told in [.nan, .infinity, -1e300, 8_640_000_000_000_001] as [Double] {
            #expect(Date(epochMilliseconds: told) == nil)
        }
        #expect(Date(epochMilliseconds: 1500) == Date(timeIntervalSince1970: 1.5))
    }

    @Test(
        "A date is read with and without fractions, in any zone",
        arguments: [
            ("1970-01-01T00:00:01Z", 1), ("1970-01-01T00:00:01.250Z", 1.25), ("1970-01-01T02:00:01+02:00", 1),
            ("1970-01-01", nil), ("1970-01-01T00:00:01", nil), ("yesterday", nil), ("", nil),
        ] as [(String, Double?)]
    )
    func read(text: String, seconds: Double?) {
        #expect(Date(isoText: text)?.timeIntervalSince1970 == seconds)
    }

    @Test(
        "Texts are as far apart as there are changes between them, and a swap of neighbours is one",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("ab", "ba", 1),
            ("tiemout", "timeout", 1), ("ca", "abc", 3), ("müde", "mude", 1),
        ]
    )
    func distances(from: String, to: String, distance: Int) {
        #expect(from.editDistance(to: to) == distance)
    }

    @Test("Letters, digits and hexadecimal digits are those of ASCII")
    func bytes() {
        let all = (UInt8.min...UInt8.max)
        let letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        #expect(String(decoding: all.filter(\.isLetterOrDigit), as: UTF8.self) == letters)
        #expect(String(decoding: all.filter { $0.hexValue != nil }, as: UTF8.self) == "0123456789ABCDEFabcdef")
        #expect("09afAF".utf8.map(\.hexValue) == [0, 9, 10, 15, 10, 15])
    }

    @Test("Every byte of a text that means something in a URL, or nothing, is escaped")
    func escaped() {
        #expect("a/b c-d_e.f~g%h".percentEncoded == "a%2Fb%20c-d_e.f~g%25h")
        #expect("é\n\u{1}".percentEncoded == "%C3%A9%0A%01")
        #expect("".percentEncoded.isEmpty)
    }

    @Test(
        "A text is one word of a shell, and a plain path stays as it is",
        arguments: [
            ("shop", "shop"), ("a/b-1.x_y", "a/b-1.x_y"), ("ü ☃", "'ü ☃'"), ("it's", #"'it'\''s'"#), ("-x", "'-x'"),
            ("", "''"),
        ]
    )
    func shellWord(text: String, word: String) {
        #expect(text.quotedForShell == word)
    }

    @Test("Characters of a JSON document are escaped, and it stays the same")
    func escapedJSON() throws {
        let text = JSONValue.string("a\u{9F}ü\u{2028}😀").compactText
        let escaped = text.escapingJSON { [0x9F, 0x2028].contains($0.value) }
        #expect(escaped == #""a\u009fü\u2028😀""#)
        #expect(try JSONValue(parsing: escaped) == JSONValue(parsing: text))
    }

    @Test(
        "A secret is the same only when every byte is",
        arguments: [
            ("key", "key", true), ("", "", true), ("key", "kez", false), ("key", "jey", false), ("key", "keyy", false),
            ("key", "", false), ("é", "e\u{301}", false),
        ]
    )
    func secrets(secret: String, shown: String, isSame: Bool) {
        #expect(secret.utf8.isSameSecret(as: shown.utf8) == isSame)
    }
}
