import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import TestSupport
import Testing
import X509

@testable import Egress

@Suite("What runs get in place of secrets")
struct RunKeysTests {
    private let keys = RunKeys(Data(repeating: 7, count: 32))

    @Test("It is the same for every scheduler of the project, and another for each run, purpose and project")
    func derivation() {
        let same = RunKeys(Data(repeating: 7, count: 32))
        let other = RunKeys(Data(repeating: 8, count: 32))
        let token = keys.modelToken(ofRun: "run-1")
        #expect(token == same.modelToken(ofRun: "run-1"))
        #expect(token.hasPrefix("al-llm-") && token.utf8.count == 71)
        #expect(Set([token, keys.modelToken(ofRun: "run-2"), other.modelToken(ofRun: "run-1")]).count == 3)
        #expect(keys.isModelToken(token, ofRun: "run-1"))
        #expect(!keys.isModelToken(token, ofRun: "run-2") && !keys.isModelToken("run-1", ofRun: "run-1"))
        let placeholder = keys.placeholder(for: "github_token/default", ofRun: "run-1")
        #expect(placeholder.hasPrefix("al-broker-") && placeholder.utf8.count == 34)
        #expect(placeholder == same.placeholder(for: "github_token/default", ofRun: "run-1"))
        #expect(placeholder != keys.placeholder(for: "github_token/work", ofRun: "run-1"))
        #expect(placeholder != keys.placeholder(for: "github_token/default", ofRun: "run-2"))
    }

    @Test("The project's key is written once, for its owner only")
    func file() throws {
        let home = NSTemporaryDirectory() + "rk-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: home) }
        let directory = EgressDirectory(stateDirectory: home)
        try directory.create()
        let first = try directory.runKeys { [UInt8](repeating: 1, count: $0) }
        let second = try directory.runKeys { [UInt8](repeating: 2, count: $0) }
        #expect(first.modelToken(ofRun: "x") == second.modelToken(ofRun: "x"))
        let mode = try FileManager.default.attributesOfItem(atPath: home + "/egress/key")[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("A run's authority vouches for a host, for nothing else, and a restart changes nothing of it")
    func authority() async throws {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let pem = try RunAuthority(keys: keys, runSecret: "run-1", now: now).certificatePEM()
        let root = try Certificate(pemEncoded: pem)
        let later = RunAuthority(keys: keys, runSecret: "run-1", now: now.addingTimeInterval(86400 * 30))
        let chain = try later.serverConfiguration(for: "api.example").certificateChain
        guard case .certificate(let leaf) = try #require(chain.first) else { return }
        let certificate = try Certificate(derEncoded: leaf.toDERBytes())
        #expect(root.publicKey.isValidSignature(certificate.signature, for: certificate))
        #expect(certificate.issuer == root.subject)
        let names = try #require(try certificate.extensions.subjectAlternativeNames)
        #expect(names.count == 1 && names.contains(.dnsName("api.example")))
        let foreign = try Certificate(
            pemEncoded: RunAuthority(keys: keys, runSecret: "run-2", now: now).certificatePEM()
        )
        #expect(!foreign.publicKey.isValidSignature(certificate.signature, for: certificate))
        #expect(certificate.notValidBefore < now && certificate.notValidAfter > now)
    }
}
