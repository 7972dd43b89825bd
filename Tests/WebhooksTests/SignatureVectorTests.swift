import Domain
import Foundation
import Testing

@testable import Webhooks

/// A published example: what was sent, with which secret.
struct SignatureVector: Sendable, CustomTestStringConvertible {
    let name: String
    let type: String
    var format: GenericWebhookFormat?
    let secret: String
    let body: String
    let headers: [(name: String, value: String)]
    var seconds = 0.0

    var testDescription: String { name }
}

@Suite("Published signatures") struct SignatureVectorTests {
    private static let jefe = "what do ya want for nothing?"
    private static let jefeCode = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    private static let slackBody =
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
        + "channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
        + "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
        + "trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"

    static let vectors: [SignatureVector] = [
        .init(
            name: "GitHub: validating webhook deliveries",
            type: "github",
            secret: "It's a Secret to Everybody",
            body: "Hello, World!",
            headers: [
                (
                    "X-Hub-Signature-256",
                    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
                )
            ]
        ),
        .init(
            name: "Slack: verifying requests",
            type: "slack",
            secret: "8f742231b10e8888abcd99yyyzzz85a5",
            body: slackBody,
            headers: [
                ("X-Slack-Request-Timestamp", "1531420618"),
                ("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
            ],
            seconds: 1_531_420_618
        ),
        .init(
            name: "Standard Webhooks: reference libraries",
            type: "generic",
            format: .init(),
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            body: #"{"test": 2432232314}"#,
            headers: [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ],
            seconds: 1_614_265_330
        ),
        .init(
            name: "RFC 4231, case 2, as Sentry sends it",
            type: "sentry",
            secret: "Jefe",
            body: jefe,
            headers: [("Sentry-Hook-Signature", jefeCode)]
        ),
        .init(
            name: "RFC 4231, case 2, as Linear sends it",
            type: "linear",
            secret: "Jefe",
            body: jefe,
            headers: [("Linear-Signature", jefeCode)]
        ),
        .init(
            name: "RFC 4231, case 2, as Mintlify sends it",
            type: "mintlify",
            secret: "Jefe",
            body: jefe,
            headers: [("Mintlify-Signature", jefeCode)]
        ),
        .init(
            name: "RFC 2202, case 2: SHA-1",
            type: "generic",
            format: .init(scheme: .hmac(.init(header: "X-Sig", algorithm: .sha1))),
            secret: "Jefe",
            body: jefe,
            headers: [("X-Sig", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")]
        ),
        .init(
            name: "RFC 4231, case 2: SHA-512",
            type: "generic",
            format: .init(scheme: .hmac(.init(header: "X-Sig", algorithm: .sha512))),
            secret: "Jefe",
            body: jefe,
            headers: [
                (
                    "X-Sig",
                    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
                        + "caeab1a34d4a6b4b636e070a38bce737"
                )
            ]
        ),
        .init(
            name: "RFC 8032, test 2, as Discord sends it",
            type: "discord",
            secret: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            body: "r",
            headers: [
                ("X-Signature-Timestamp", ""),
                (
                    "X-Signature-Ed25519",
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                        + "387b2eaeb4302aeeb00d291612bb0c00"
                ),
            ]
        ),
    ]

    @Test("what the provider's documents call right is right, and wrong with anything changed", arguments: vectors)
    func published(vector: SignatureVector) throws {
        let source = WebhookSourceConfig(type: vector.type, format: vector.format)
        let provider = try #require(WebhookRegistry.provider(of: vector.type)).configured(for: source)
        let time = Date(timeIntervalSince1970: vector.seconds)
        let secrets = ["other": "nothing", "x": vector.secret]
        let sent = request(vector.body, vector.headers, at: time)
        #expect(provider.verify(sent, secrets: secrets) == "x")
        #expect(provider.verify(request(vector.body + " ", vector.headers, at: time), secrets: secrets) == nil)
        #expect(provider.verify(sent, secrets: ["other": "nothing"]) == nil)
    }

    @Test("GitHub's old SHA-1 signature is not accepted")
    func oldGitHub() {
        let headers = [(name: "X-Hub-Signature", value: "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")]
        #expect(GitHubProvider().verify(request(Self.jefe, headers), secrets: ["x": "Jefe"]) == nil)
    }
}
