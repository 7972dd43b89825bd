import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Testing

@testable import Egress

@Suite("Secrets that stay outside of a run", .timeLimit(.minutes(5)))
struct BrokerTests {
    private static let host = "api.example"
    private static let now = Date.now
    private static let keys = RunKeys(Data(repeating: 3, count: 32))
    /// Stands for the authority that everybody believes.
    private static let world = RunAuthority(keys: keys, runSecret: "the world", now: now)
    private static let run = RunAuthority(keys: keys, runSecret: "the run", now: now)

    /// A client in a cage, in front of a server for `api.example`, whom the world believes.
    private func inside(
        brokered hosts: [String] = [host],
        server: RunAuthority = world,
        client: [RunAuthority] = [run],
        secrets: @escaping @Sendable () throws -> [SecretBroker.Secret] = {
            [.init(placeholder: "al-broker-1", value: "real-1", hosts: [host])]
        },
        _ body: @Sendable @escaping (HTTPClient, _ url: String) async throws -> Void
    ) async throws -> [EgressDecision] {
        let decisions = Decisions()
        let believed = NSTemporaryDirectory() + "ca-\(UUID().uuidString.prefix(8)).pem"
        try Data(Self.world.certificatePEM().utf8).write(to: URL(filePath: believed))
        defer { try? FileManager.default.removeItem(atPath: believed) }
        try await SecureEcho.serving(try server.serverConfiguration(for: Self.host)) { port in
            let cage = Cage(
                allow: ["\(Self.host):\(port)", "127.0.0.1:\(port)"],
                broker: SecretBroker(hosts: hosts, port: port, authority: Self.run, secrets: secrets),
                certificateFile: believed
            )
            try await cage.run { _, _ in
                try await EgressBridge(socketPath: cage.socketPath, token: "secret").serving(gatewayPort: nil) {
                    proxy in
                    var configuration = HTTPClient.Configuration(
                        proxy: .server(
                            host: "127.0.0.1",
                            port: proxy,
                            authorization: .basic(username: "run", password: "secret")
                        )
                    )
                    configuration.tlsConfiguration = .makeClientConfiguration()
                    configuration.tlsConfiguration?.trustRoots = .certificates(
                        try client.map { try NIOSSLCertificate(bytes: Array($0.certificatePEM().utf8), format: .pem) }
                    )
                    configuration.connectionPool.retryConnectionEstablishment = false
                    try await HTTPClient.withHTTPClient(configuration: configuration) { http in
                        try await body(http, "https://\(Self.host):\(port)")
                    }
                }
            }
            decisions.all = cage.decisions.withLock { $0 }
        }
        return decisions.all
    }

    private final class Decisions { var all: [EgressDecision] = [] }

    private static func ask(
        _ http: HTTPClient,
        _ url: String,
        _ authorization: String,
        body: HTTPClientRequest.Body? = nil
    ) async throws -> String {
        var request = HTTPClientRequest(url: url)
        request.method = body == nil ? .GET : .POST
        request.headers.add(name: "authorization", value: authorization)
        request.body = body
        let response = try await http.execute(request, timeout: .seconds(30))
        return String(buffer: try await response.body.collect(upTo: 8 << 20))
    }

    @Test("The host hears the secret, the run only ever said its stand-in, and the tunnel is recorded like any other")
    func putIn() async throws {
        let decisions = try await inside { http, url in
            // One connection serves them all.
            #expect(try await Self.ask(http, url + "/a", "Bearer al-broker-1") == "Bearer real-1\n")
            let basic = Data("x-access-token:al-broker-1".utf8).base64EncodedString()
            let heard = Data("x-access-token:real-1".utf8).base64EncodedString()
            #expect(try await Self.ask(http, url, "Basic \(basic)") == "Basic \(heard)\n")
            let body = try await Self.ask(http, url, "x", body: .bytes(ByteBuffer(string: "al-broker-1")))
            #expect(body == "x\nal-broker-1")
        }
        #expect(decisions.count == 1 && decisions.allSatisfy(\.isAllowed))
        #expect(decisions.first?.host == Self.host)
    }

    @Test("Bodies pass whole, whatever their length and however they are framed")
    func bodies() async throws {
        let text = String(repeating: "0123456789abcdef", count: 1 << 16)
        _ = try await inside { http, url in
            let fixed = try await Self.ask(http, url, "al-broker-1", body: .bytes(ByteBuffer(string: text)))
            #expect(fixed == "real-1\n" + text)
            let parts = AsyncStream { continuation in
                for _ in 0..<16 { continuation.yield(ByteBuffer(string: String(text.prefix(1 << 16)))) }
                continuation.finish()
            }
            let chunked = try await Self.ask(http, url, "al-broker-1", body: .stream(parts, length: .unknown))
            #expect(chunked == "real-1\n" + text)
        }
    }

    @Test("A host that is not among those of the secrets is reached through a closed tunnel")
    func otherHosts() async throws {
        _ = try await inside(brokered: ["other.example"], client: [Self.world]) { http, url in
            let heard = try await Self.ask(http, url, "Bearer al-broker-1")
            #expect(heard == "Bearer al-broker-1\n")
        }
    }

    @Test("A server that the world does not believe gets no secret")
    func impostor() async throws {
        let stranger = RunAuthority(keys: Self.keys, runSecret: "a stranger", now: Self.now)
        _ = try await inside(server: stranger) { http, url in
            await #expect(throws: (any Error).self) { try await Self.ask(http, url, "Bearer al-broker-1") }
        }
    }

    @Test("A request for another host behind the same front ends the connection")
    func otherHostHeader() async throws {
        _ = try await inside { http, url in
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "host", value: "evil.example")
            request.headers.add(name: "authorization", value: "Bearer al-broker-1")
            await #expect(throws: (any Error).self) { try await http.execute(request, timeout: .seconds(30)) }
        }
    }

    @Test("A secret that cannot be read is a refusal, recorded as such")
    func unreadable() async throws {
        let decisions = try await inside(secrets: { throw CocoaError(.fileReadNoSuchFile) }) { http, url in
            await #expect(throws: (any Error).self) { try await Self.ask(http, url, "Bearer al-broker-1") }
        }
        #expect(decisions.map(\.verdict) == [.refused(.noSecret)])
    }
}
