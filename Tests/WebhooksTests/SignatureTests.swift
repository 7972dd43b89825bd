import Crypto
import Domain
import Testing
import Webhooks

@Suite("Signatures")
struct SignatureTests {
    private let provider = GitHubProvider()
    private let secrets = ["a": "first", "b": "second"]

    private func sign(_ body: [UInt8], with secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
        return "sha256=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func verify(_ body: [UInt8], _ signature: String?) -> String? {
        let headers = WebhookHeaders(signature.map { [("X-Hub-Signature-256", $0)] } ?? [])
        return provider.verify(body: body, headers: headers, secrets: secrets)
    }

    @Test(
        "the instance whose secret fits is found for any bytes",
        arguments: [[], Array("a\r\n\u{0}é👍".utf8), [0xFF, 0xFE, 0x00, 0xC0], [UInt8](repeating: 7, count: 100_000)]
    )
    func right(body: [UInt8]) {
        #expect(verify(body, sign(body, with: "first")) == "a")
        #expect(verify(body, sign(body, with: "second")) == "b")
        #expect(
            verify(body, " " + sign(body, with: "second").uppercased().replacing("SHA256", with: "sha256") + " ") == "b"
        )
        #expect(verify(body, sign(body, with: "third")) == nil)
        #expect(verify(body, nil) == nil)
        #expect(verify(body, String(sign(body, with: "first").dropLast(2))) == nil)
        #expect(verify(body, String(sign(body, with: "first").dropFirst(7))) == nil)
    }

    @Test("one flipped bit anywhere in the body or the signature is refused")
    func flippedBit() {
        let body = Array(#"{"action":"opened"}"#.utf8)
        let signature = Array(sign(body, with: "first").utf8)
        for index in body.indices {
            for bit in 0..<8 {
                var changed = body
                changed[index] ^= 1 << bit
                #expect(verify(changed, sign(body, with: "first")) == nil)
            }
        }
        for index in signature.indices {
            for bit in 0..<7 where !(bit == 5 && signature[index] >= UInt8(ascii: "a") && index >= 7) {
                var changed = signature
                changed[index] ^= 1 << bit
                #expect(verify(body, String(decoding: changed, as: UTF8.self)) == nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test("who may send: signed, unsigned, exposed or not")
    func admission() throws {
        let body = Array("{}".utf8)
        let signed = WebhookHeaders([("x-hub-signature-256", sign(body, with: "first"))])
        let wrong = WebhookHeaders([("x-hub-signature-256", sign(body, with: "nobody"))])
        let bare = WebhookHeaders([])
        let named = ["one": WebhookSourceConfig(type: "github", credential: "a")]
        let open = ["two": WebhookSourceConfig(type: "github")]
        let unsigned = ["three": WebhookSourceConfig(type: "github", allowUnsigned: true)]
        typealias Row = (
            sources: [String: WebhookSourceConfig], headers: WebhookHeaders, stored: [String: String], exposed: Bool,
            hearers: [String]?
        )
        let mixed = named.merging(unsigned) { first, _ in first }
        let rows: [Row] = [
            (named, signed, secrets, true, ["one"]), (named, bare, secrets, false, nil),
            (named, wrong, secrets, false, nil),
            (named, signed, ["b": "first"], false, nil), (named, bare, [:], false, nil),
            (open, signed, secrets, true, ["two"]), (open, bare, [:], false, ["two"]), (open, bare, [:], true, nil),
            (open, bare, secrets, false, nil), (unsigned, bare, secrets, true, ["three"]),
            (unsigned, wrong, secrets, true, nil), (unsigned, bare, [:], true, ["three"]),
            (mixed, bare, secrets, true, ["three"]), (mixed, signed, secrets, true, ["one", "three"]),
        ]
        for (index, row) in rows.enumerated() {
            let selection = try #require(SourceSelection(of: provider, in: row.sources, named: nil))
            let admission = try? selection.admit(
                body: body,
                headers: row.headers,
                stored: row.stored,
                isExposed: row.exposed
            )
            #expect(admission?.hearers == row.hearers, "row \(index)")
        }
        #expect(SourceSelection(of: provider, in: named, named: "two") == nil)
        #expect(SourceSelection(of: TestProvider(), in: named, named: nil) == nil)
        let trial = try #require(SourceSelection(of: TestProvider(), in: ["t": .init(type: "test")], named: nil))
        #expect(throws: SourceSelection.Refusal.unknownSource) {
            try trial.admit(body: body, headers: bare, stored: [:], isExposed: true)
        }
        #expect(try trial.admit(body: body, headers: bare, stored: [:], isExposed: false).instance == unsignedInstance)
    }
}
