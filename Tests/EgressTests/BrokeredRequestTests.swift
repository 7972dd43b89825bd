import Foundation
import NIOHTTP1
import Testing

@testable import Egress

@Suite("A request on its way to a host with secrets")
struct BrokeredRequestTests {
    private static let secrets = [
        SecretBroker.Secret(placeholder: "al-broker-1", value: "real-1", hosts: ["api.example"]),
        SecretBroker.Secret(placeholder: "al-broker-2", value: "real-2", hosts: ["api.example"]),
    ]

    private func head(
        _ method: HTTPMethod = .GET,
        _ uri: String = "/",
        _ headers: [(String, String)] = [("Host", "api.example")]
    ) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: HTTPHeaders(headers))
    }

    private static func basic(_ login: String) -> String { "Basic \(Data(login.utf8).base64EncodedString())" }

    @Test(
        "In the header Authorization the secret stands where its stand-in stood",
        arguments: [
            ("Bearer al-broker-1", "Bearer real-1"), ("token al-broker-2", "token real-2"), ("al-broker-1", "real-1"),
            (basic("x-access-token:al-broker-1"), basic("x-access-token:real-1")), (basic("a:b"), basic("a:b")),
            ("Bearer al-broker-3", "Bearer al-broker-3"), ("Basic %%%", "Basic %%%"), ("", ""),
        ]
    )
    func authorization(sent: String, expected: String) throws {
        let request = head(
            .GET,
            "/x?y",
            [("Host", "API.example"), ("Authorization", sent), ("X-Other", "al-broker-1")]
        )
        let brokered = try request.brokered(to: "api.example", port: 443, Self.secrets)
        #expect(brokered.headers["authorization"] == [expected])
        #expect(brokered.headers["x-other"] == ["al-broker-1"])
        #expect(brokered.uri == "/x?y" && brokered.method == .GET)
    }

    @Test("A request without the header gets none")
    func without() throws {
        #expect(try head().brokered(to: "api.example", port: 443, Self.secrets).headers.count == 1)
    }

    @Test(
        "What could carry the secret elsewhere or bring it back is refused",
        arguments: [
            (.TRACE, "/", [("Host", "api.example")], .repeatsItself),
            (.CONNECT, "evil.example:443", [("Host", "api.example")], .repeatsItself),
            (.GET, "https://evil.example/", [("Host", "api.example")], .otherHost),
            (.GET, "/", [("Host", "evil.example")], .otherHost), (.GET, "/", [], .otherHost),
            (.GET, "/", [("Host", "api.example:8443")], .otherHost),
            (.GET, "/", [("Host", "api.example"), ("Host", "evil.example")], .otherHost),
        ] as [(HTTPMethod, String, [(String, String)], BrokerRefusal)]
    )
    func refused(method: HTTPMethod, uri: String, headers: [(String, String)], expected: BrokerRefusal) {
        #expect(throws: expected) {
            try head(method, uri, headers).brokered(to: "api.example", port: 443, Self.secrets)
        }
    }

    @Test("Nothing turns the connection into one of another kind")
    func upgrade() throws {
        let headers = [("Host", "api.example:443"), ("Upgrade", "h2c"), ("HTTP2-Settings", "x"), ("Accept", "*/*")]
        let brokered = try head(.GET, "/", headers).brokered(to: "api.example", port: 443, Self.secrets)
        #expect(brokered.headers.map(\.name) == ["Host", "Accept"])
    }

    @Test(
        "A secret belongs to its hosts and their subdomains where it says so",
        arguments: [
            ("sentry.io", true), ("a.sentry.io", true), ("evilsentry.io", false), ("api.github.com", true),
            ("github.com", false), ("x.api.github.com", false),
        ]
    )
    func hosts(host: String, opens: Bool) throws {
        let keys = RunKeys(Data(repeating: 1, count: 32))
        let broker = SecretBroker(
            hosts: ["sentry.io", "*.sentry.io", "api.github.com"],
            authority: RunAuthority(keys: keys, runSecret: "s", now: Date(timeIntervalSince1970: 0))
        ) {
            [
                .init(placeholder: "p", value: "v", hosts: ["api.github.com"]),
                .init(placeholder: "q", value: "w", hosts: ["sentry.io", "*.sentry.io"]),
            ]
        }
        #expect(broker.opens(host, port: 443) == opens)
        #expect(!broker.opens(host, port: 22))
        #expect(
            try broker.secrets(for: host).map(\.value) == (!opens ? [] : host.hasSuffix("sentry.io") ? ["w"] : ["v"])
        )
    }
}
