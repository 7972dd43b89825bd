import Credentials
import Domain
import Foundation
import Testing

@Suite("Redaction")
struct RedactorTests {
    private static let value = "p?ss/w\"rd>>é~ü"
    private static let secret = Secret(type: "aws", field: "secret_access_key", value: value)
    private static let mark = "[redacted:aws.secret_access_key]"

    @Test(
        "A value is found in every encoding",
        arguments: [
            ("plain", "p?ss/w\"rd>>é~ü"),
            ("base64", "cD9zcy93InJkPj7DqX7DvA=="),
            ("base64url", "cD9zcy93InJkPj7DqX7DvA"),
            ("percent", "p%3Fss%2Fw%22rd%3E%3E%C3%A9~%C3%BC"),
            ("JSON", "p?ss/w\\\"rd>>é~ü"),
            ("JSON with escaped slashes", "p?ss\\/w\\\"rd>>é~ü"),
            ("hex", "703f73732f772272643e3ec3a97ec3bc"),
            ("capital hex", "703F73732F772272643E3EC3A97EC3BC"),
        ]
    )
    func encodings(name: String, text: String) {
        let (redacted, found) = Redactor([Self.secret]).redact("before \(text) after")
        #expect(!redacted.contains(text), "\(name)")
        #expect(redacted.hasPrefix("before \(Self.mark)"), "\(name)")
        #expect(redacted.hasSuffix(" after"), "\(name)")
        #expect(found == [Self.secret], "\(name)")
    }

    @Test("Base64 that differs from base64url is found in both alphabets")
    func alphabets() {
        let secret = Secret(type: "t", field: "f", value: "~~~???>>>")
        let base64 = Data(secret.value.utf8).base64EncodedString()
        #expect(base64.contains("/") || base64.contains("+"))
        let url = base64.replacing("+", with: "-").replacing("/", with: "_")
        #expect(Redactor([secret]).redact("\(base64) \(url)").text == "[redacted:t.f] [redacted:t.f]")
    }

    @Test("Values under eight bytes are left alone")
    func short() {
        let redactor = Redactor([Secret(type: "t", field: "f", value: "1234567")])
        #expect(redactor.isEmpty)
        #expect(redactor.redact("1234567").text == "1234567")
        #expect(redactor.redact("1234567").found.isEmpty)
        #expect(
            Redactor([Secret(type: "t", field: "f", value: "12345678")]).redact("x12345678y").text == "x[redacted:t.f]y"
        )
    }

    @Test("Of a value of several lines each long line is hidden", arguments: ["\n", "\r\n"])
    func lines(separator: String) {
        let lines = ["-----BEGIN KEY-----", "0123456789abcdef", "short line", "-----END KEY-----"]
        let redactor = Redactor([Secret(type: "git_ssh", field: "id_rsa", value: lines.joined(separator: separator))])
        let mark = "[redacted:git_ssh.id_rsa]"
        #expect(redactor.redact("a 0123456789abcdef b").text == "a \(mark) b")
        #expect(redactor.redact("a short line b").text == "a short line b")
        #expect(redactor.redact("<" + lines.joined(separator: separator) + ">").text == "<\(mark)>")
        #expect(redactor.redact("MDEyMzQ1Njc4OWFiY2RlZg==").text.hasPrefix(mark))
    }

    @Test("A value inside a longer one does not spoil the longer match")
    func longestFirst() {
        let short = Secret(type: "a", field: "x", value: "password")
        let long = Secret(type: "b", field: "y", value: "password-and-more")
        let result = Redactor([short, long]).redact("password-and-more password")
        #expect(result.text == "[redacted:b.y] [redacted:a.x]")
        #expect(result.found == [long, short])
    }

    @Test("Marks that combine with the last character do not hide a value")
    func combining() {
        let redactor = Redactor([Secret(type: "t", field: "f", value: "abcdefgh")])
        #expect(redactor.redact("abcdefgh\u{301}").text == "[redacted:t.f]\u{301}")
        #expect(redactor.redact("\u{1F468}\u{200D}abcdefgh\u{200D}").found.count == 1)
    }

    @Test("A secret never shows its value")
    func secretIsOpaque() {
        var dumped = ""
        dump(Self.secret, to: &dumped)
        let mirrored = Mirror(reflecting: Self.secret).children.map { "\($0.value)" }.joined()
        let texts = ["\(Self.secret)", String(reflecting: Self.secret), "\([Self.secret])", dumped, mirrored]
        for text in texts {
            #expect(!text.contains(Self.value))
            #expect(text.contains(Self.mark))
        }
    }
}
