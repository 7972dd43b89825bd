import AsyncHTTPClient
import Domain
import Foundation
import HummingbirdCore
import HummingbirdTLS
import NIOSSL
import Serving
import TestSupport
import Testing

@testable import Runtimes

@Suite(
    "Engines behind TLS",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"),
    .timeLimit(.minutes(1))
)
struct EngineTLSTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// An authority, what it vouches for, and another one.
    private static let script = #"""
        set -e; cd "$1"
        new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -x509 "$@" 2>/dev/null; }
        for ca in ca other; do new -subj "/CN=$ca" -keyout $ca-key.pem -out $ca.pem; done
        for name in server=IP:127.0.0.1 other-host=IP:127.0.0.2; do
            new -subj /CN=server -addext "subjectAltName=${name#*=}" -CA ca.pem -CAkey ca-key.pem \
                -keyout "${name%=*}-key.pem" -out "${name%=*}.pem"
        done
        mkdir me stranger nobody
        new -subj /CN=me -CA ca.pem -CAkey ca-key.pem -keyout me/key.pem -out me/cert.pem
        new -subj /CN=me -CA other.pem -CAkey other-key.pem -keyout stranger/key.pem -out stranger/cert.pem
        cp ca.pem me; cp ca.pem stranger; cp ca.pem nobody
        """#

    /// Serves an engine that only those know who have its certificates.
    private func serve(
        as name: String = "server",
        _ body: (_ host: String, HTTPClient) async throws -> Void
    ) async throws {
        try await Program.output(of: "sh", "-c", Self.script, "sh", directory.path)
        let chain = try NIOSSLCertificate.fromPEMFile("\(directory.path)/\(name).pem")
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(directory.path)/\(name)-key.pem", format: .pem))
        )
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile("\(directory.path)/ca.pem"))
        configuration.certificateVerification = .noHostnameVerification
        let engine = FakeEngine { _, _ in nil }
        let server = try HTTPServerBuilder.tls(HTTP1Connections.server(), tlsConfiguration: configuration)
        try await engine.serve(overNetwork: true, speaking: server) { endpoint, http in
            try await body(endpoint.description, http)
        }
    }

    private func failure(_ host: String, _ http: HTTPClient, _ certificates: String) async throws -> RuntimeError? {
        let environment = [
            "DOCKER_HOST": host, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "\(directory.path)/\(certificates)",
        ]
        let found = EngineEndpoint.candidates(
            environment: environment,
            readFile: { _ in nil },
            mayExist: EngineTLS.mayExist
        )
        let endpoint = try #require(found.first)
        do {
            _ = try await EngineClient.connect(to: endpoint, http: http)
            return nil
        } catch let error as RuntimeError {
            return error
        }
    }

    @Test("An engine is spoken to over TLS, with the certificate by which it knows this user")
    func connects() async throws {
        try await serve { host, http in
            let problem = try await failure(host, http, "me")
            #expect(problem == nil)
            for other in ["stranger", "nobody"] {
                let problem = try await failure(host, http, other)
                #expect(problem?.message.contains("gave no answer") == true, "\(other): \(String(describing: problem))")
            }
        }
    }

    @Test("An engine for which nobody vouches, and files that are none, are told")
    func refuses() async throws {
        try await serve { host, http in
            try FileManager.default.removeItem(atPath: "\(directory.path)/me/ca.pem")
            let missing = try await failure(host, http, "me")
            #expect(missing?.message.contains("\(directory.path)/me/ca.pem cannot be read") == true)
            let files = FileManager.default
            try files.copyItem(atPath: "\(directory.path)/other.pem", toPath: "\(directory.path)/me/ca.pem")
            let unknown = try await failure(host, http, "me")
            #expect(unknown?.message.contains("CERTIFICATE_VERIFY_FAILED") == true, "\(String(describing: unknown))")
            _ = try directory.write("me/ca.pem", "no certificate\n")
            let junk = try await failure(host, http, "me")
            #expect(junk?.message.contains("\(directory.path)/me/ca.pem is no PEM file of certificates") == true)
            try files.removeItem(atPath: "\(directory.path)/me/ca.pem")
            try files.copyItem(atPath: "\(directory.path)/ca.pem", toPath: "\(directory.path)/me/ca.pem")
            _ = try directory.write("me/key.pem", "no key\n")
            let noKey = try await failure(host, http, "me")
            #expect(noKey?.message.contains("me/key.pem is no PEM file of a key without a passphrase") == true)
            try files.removeItem(atPath: "\(directory.path)/me/cert.pem")
            let half = try await failure(host, http, "me")
            #expect(half?.message.contains("me/cert.pem cannot be read") == true)
        }
    }

    @Test("What proves to be another engine is told")
    func otherHost() async throws {
        try await serve(as: "other-host") { host, http in
            let problem = try await failure(host, http, "me")
            #expect(problem?.message.contains("failedToValidateHostname") == true, "\(String(describing: problem))")
        }
    }
}
