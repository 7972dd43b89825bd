import Domain
import Foundation
import TestSupport
import Testing

@testable import Webhooks

@Suite("Which sources take a delivery") struct SourceSelectionTests {
    private let provider = GitHubProvider()
    private let secrets: StoredSecrets = ["a": "first", "b": "second"]
    private let bare = request("{}")

    private func signed(with secret: String) throws -> WebhookRequest {
        let delivery = ImitatedDelivery(
            event: ImitatedEvent("push"),
            body: Array("{}".utf8),
            secret: secret,
            id: "1",
            sentAt: arrival
        )
        return request("{}", try #require(provider.headers(imitating: delivery)))
    }

    @Test("signed, unsigned, exposed or not")
    func admission() throws {
        let (right, wrong) = (try signed(with: "first"), try signed(with: "nobody"))
        let named = ["one": WebhookSourceConfig(type: "github", credential: "a")]
        let open = ["two": WebhookSourceConfig(type: "github")]
        let unsigned = ["three": WebhookSourceConfig(type: "github", allowUnsigned: true)]
        typealias Row = (
            sources: [String: WebhookSourceConfig], request: WebhookRequest, stored: StoredSecrets, exposed: Bool,
            hearers: [String]?
        )
        let mixed = named.merging(unsigned) { first, _ in first }
        let openAndUnsigned = open.merging(unsigned) { first, _ in first }
        let rows: [Row] = [
            (named, right, secrets, true, ["one"]), (named, bare, secrets, false, nil),
            (named, wrong, secrets, false, nil), (named, right, ["b": "first"], false, nil),
            (named, bare, [:], false, nil),
            (open, right, secrets, true, ["two"]), (open, bare, [:], false, ["two"]), (open, bare, [:], true, nil),
            (open, bare, secrets, false, nil), (unsigned, bare, secrets, true, ["three"]),
            (unsigned, wrong, secrets, true, nil), (unsigned, bare, [:], true, ["three"]),
            (mixed, bare, secrets, true, ["three"]), (mixed, right, secrets, true, ["one", "three"]),
            (openAndUnsigned, bare, [:], true, ["three"]), (openAndUnsigned, bare, [:], false, ["three", "two"]),
        ]
        for (index, row) in rows.enumerated() {
            let selection = try #require(SourceSelection(of: provider, in: row.sources, named: nil))
            let admission = try? selection.admit(row.request, stored: row.stored, isExposed: row.exposed)
            #expect(admission?.hearers == row.hearers, "row \(index)")
        }
    }

    @Test("a source that names a secret needs no other one; without a name all may sign")
    func instances() {
        let named: [String: WebhookSourceConfig] = [
            "one": .init(type: "github", credential: "a"), "two": .init(type: "github", credential: "b"),
            "three": .init(type: "sentry"),
        ]
        #expect(SourceSelection.instances(of: "github_webhook_secret", in: named) == ["a", "b"])
        #expect(SourceSelection.instances(of: "sentry_client_secret", in: named) == nil)
    }

    @Test("a path that names a source, and sources of other types")
    func names() throws {
        let sources = ["one": WebhookSourceConfig(type: "github", credential: "a"), "t": .init(type: "test")]
        #expect(SourceSelection(of: provider, in: sources, named: "two") == nil)
        #expect(SourceSelection(of: provider, in: sources, named: "t") == nil)
        #expect(SourceSelection(of: SentryProvider(), in: sources, named: nil) == nil)
        let trial = try #require(SourceSelection(of: TestProvider(), in: sources, named: nil))
        #expect(throws: SourceSelection.Refusal.unknownSource) { try trial.admit(bare, stored: [:], isExposed: true) }
        #expect(try trial.admit(bare, stored: [:], isExposed: false).instance == unsignedInstance)
    }

    @Test("generic sources are tried by name, each with its own form; the one that fits hears alone")
    func generic() throws {
        let hmac = GenericWebhookFormat(
            scheme: .hmac(.init(header: "X-Sig")),
            map: try ["event": #require(WebhookField("=deploy"))]
        )
        let sources = [
            "a": WebhookSourceConfig(type: "generic", credential: "x", format: .init()),
            "b": WebhookSourceConfig(type: "generic", credential: "x", format: hmac),
            "c": WebhookSourceConfig(type: "generic", credential: "x", format: hmac),
        ]
        let code = HMACSignature.code([Array("{}".utf8)], key: Array("s".utf8), algorithm: .sha256).hexText
        let sent = request("{}", [("X-Sig", code)])
        let selection = try #require(SourceSelection(of: GenericProvider(), in: sources, named: nil))
        let admission = try selection.admit(sent, stored: ["x": "s"], isExposed: true)
        #expect(admission.hearers == ["b"] && admission.instance == "x")
        #expect(admission.provider.event(of: sent, payload: ([:] as JSONValue).node) == "deploy")
        let named = try #require(SourceSelection(of: GenericProvider(), in: sources, named: "c"))
        #expect(try named.admit(sent, stored: ["x": "s"], isExposed: true).hearers == ["c"])
        #expect(throws: SourceSelection.Refusal.badSignature) {
            try selection.admit(sent, stored: ["x": "t"], isExposed: true)
        }
    }

    @Test("sources that nobody signs for are named with what to do")
    func unsigned() {
        let sources: [String: WebhookSourceConfig] = [
            "a": .init(type: "github"), "b": .init(type: "github", credential: "x"),
            "c": .init(type: "sentry", allowUnsigned: true), "d": .init(type: "test"), "e": .init(type: "linear"),
        ]
        let found = UnsignedSource.all(in: sources, isExposed: false) { $0 == "linear_webhook_secret" }
        #expect(found.map(\.name) == ["a", "c", "d"])
        #expect(found.map(\.isRefused) == [true, false, true])
        #expect(found.first?.description.contains("al creds add github_webhook_secret:<instance>") == true)
        #expect(found.first?.description.contains("are taken from this machine only") == true)
        let exposed = UnsignedSource.all(in: sources, isExposed: true) { $0 == "linear_webhook_secret" }
        #expect(exposed.map(\.name) == found.map(\.name))
        #expect(exposed.first?.description.contains("all its deliveries are refused") == true)
        #expect(exposed.map { $0.description.contains("from anybody") } == [false, true, false])
    }
}
