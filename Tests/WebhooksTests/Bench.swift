import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@testable import Webhooks

/// When every delivery of these tests arrives.
let arrival = Date(timeIntervalSince1970: 1_710_700_000.5)

func request(
    _ body: [UInt8] = [],
    _ headers: [(name: String, value: String)] = [],
    at time: Date = arrival
) -> WebhookRequest {
    WebhookRequest(headers: WebhookHeaders(headers), body: body, receivedAt: time)
}

func request(_ body: String, _ headers: [(name: String, value: String)] = [], at time: Date = arrival) -> WebhookRequest
{
    request(Array(body.utf8), headers, at: time)
}

/// A delivery that was signed for these tests.
struct SignedDelivery: Sendable, CustomTestStringConvertible {
    let name: String
    let provider: any WebhookProvider
    var source: WebhookSourceConfig
    /// The stored secrets, `b` the one that signed.
    let secrets: [String: String]
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    var testDescription: String { name }

    /// The headers on which the verdict depends.
    var signedHeaders: [String] {
        provider.signatureHeaders + [
            "x-slack-request-timestamp", "x-signature-timestamp", "webhook-id", "webhook-timestamp", "x-time",
        ]
    }

    func verify() -> String? { provider.verify(request(body, headers), secrets: secrets) }

    /// What the verdict may depend on: equal for two deliveries that differ only in what senders are free to vary.
    var canonical: Canonical {
        let headers = WebhookHeaders(headers)
        let values = signedHeaders.map { name in
            let value = headers[name] ?? "-"
            guard provider.signatureHeaders.contains(name) else { return value }
            return canonical(signature: value.trimmingCharacters(in: CharacterSet(charactersIn: " \t")))
        }
        return Canonical(headers: values, body: body)
    }

    /// See ``canonical``.
    struct Canonical: Hashable {
        let headers: [String]
        let body: [UInt8]
    }

    /// Hexadecimal digits have no case, and of several signatures one is enough.
    private func canonical(signature: String) -> String {
        switch name {
        case "generic-standard":
            let own = Self.all.first { $0.name == name }?.headers.first { $0.name == "webhook-signature" }?.value
            return own.map { signature.split(separator: " ").contains(Substring($0)) ? $0 : signature } ?? signature
        case "generic-base64", "generic-token": return signature
        default: return signature.lowercased()
        }
    }
}

extension SignedDelivery {
    static let body = Array(#"{"action":"opened","text":"naïve 👍","n":[1,2,null]}"#.utf8)

    /// One for each way to sign.
    static let all: [SignedDelivery] = imitated + [discord].compactMap(\.self)

    private static let formats: [(name: String, format: GenericWebhookFormat)] = [
        ("generic-standard", .init()),
        ("generic-hmac", .init(scheme: .hmac(.init(header: "X-Sig", prefix: "sha256=")))),
        ("generic-sha1", .init(scheme: .hmac(.init(header: "X-Sig", algorithm: .sha1)))),
        (
            "generic-base64",
            .init(
                scheme: .hmac(
                    .init(header: "X-Sig", algorithm: .sha512, encoding: .base64, timestampHeader: "X-Time")
                )
            )
        ),
        ("generic-token", .init(scheme: .token(header: "X-Token", prefix: "Bearer "))),
    ]

    private static var imitated: [SignedDelivery] {
        let plain: [(String, WebhookSourceConfig)] = ["github", "sentry", "linear", "mintlify", "slack"].map {
            ($0, WebhookSourceConfig(type: $0, credential: "b"))
        }
        let generic = formats.map { name, format in
            (name, WebhookSourceConfig(type: "generic", credential: "b", format: format))
        }
        return (plain + generic).compactMap { name, source in make(name, source) }
    }

    private static func make(_ name: String, _ source: WebhookSourceConfig) -> SignedDelivery? {
        let secrets = ["a": "first secret", "b": "second secret", "c": ""]
        guard let provider = WebhookRegistry.provider(of: source.type)?.configured(for: source) as? any ImitableProvider
        else { return nil }
        let delivery = ImitatedDelivery(
            event: ImitatedEvent("issues.opened"),
            body: body,
            secret: secrets["b"],
            id: "delivery-1",
            sentAt: arrival
        )
        guard let headers = provider.headers(imitating: delivery) else { return nil }
        return SignedDelivery(
            name: name,
            provider: provider,
            source: source,
            secrets: secrets,
            headers: headers,
            body: body
        )
    }

    private static var discord: SignedDelivery? {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 7, count: 32)),
            let signature = try? key.signature(for: Array("1710700000".utf8) + body)
        else { return nil }
        let publicKey = key.publicKey.rawRepresentation.hexText
        let other = Curve25519.Signing.PrivateKey().publicKey.rawRepresentation.hexText
        return SignedDelivery(
            name: "discord",
            provider: DiscordProvider(),
            source: WebhookSourceConfig(type: "discord", credential: "b"),
            secrets: ["a": other, "b": publicKey, "c": "no key"],
            headers: [
                ("X-Signature-Ed25519", signature.hexText), ("X-Signature-Timestamp", "1710700000"),
                ("Content-Type", "application/json"),
            ],
            body: body
        )
    }
}
