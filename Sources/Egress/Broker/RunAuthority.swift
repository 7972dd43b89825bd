import Crypto
package import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// The certificate authority of one run, which nobody else trusts.
///
/// Its keys follow from the run's secret and the project's key and are nowhere but in memory; the run gets the certificate.
package struct RunAuthority: Sendable {
    /// Days around now for which certificates are valid: clocks differ, and runs may be long.
    private static let validity = 400.0

    private let keys: RunKeys
    private let runSecret: String
    private let now: Date

    /// The authority of the run with this secret.
    package init(keys: RunKeys, runSecret: String, now: Date) {
        self.keys = keys
        self.runSecret = runSecret
        self.now = now
    }

    /// The certificate, in PEM.
    ///
    /// - Throws: what the library for certificates throws, which never happens for what is put in here.
    package func certificatePEM() throws -> String {
        let key = Certificate.PrivateKey(keys.signingKey("authority", ofRun: runSecret))
        let extensions = try Certificate.Extensions {
            Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
            Critical(KeyUsage(keyCertSign: true))
            SubjectKeyIdentifier(hash: key.publicKey)
        }
        return try certificate(name(), key.publicKey, extensions).serializeAsPEM().pemString
    }

    /// What a server needs to be taken for a host by the run.
    func serverConfiguration(for host: String) throws -> TLSConfiguration {
        let leaf = keys.signingKey("leaf", ofRun: runSecret)
        let authority = Certificate.PrivateKey(keys.signingKey("authority", ofRun: runSecret))
        let key = Certificate.PrivateKey(leaf)
        let extensions = try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([.serverAuth])
            SubjectAlternativeNames([.dnsName(host)])
            AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: authority.publicKey).keyIdentifier)
        }
        let subject = try DistinguishedName { CommonName(host) }
        let pem = try certificate(subject, key.publicKey, extensions).serializeAsPEM().pemString
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(leaf.pemRepresentation.utf8), format: .pem))
        )
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    private func name() throws -> DistinguishedName { try DistinguishedName { CommonName("al run authority") } }

    private func certificate(
        _ subject: DistinguishedName,
        _ key: Certificate.PublicKey,
        _ extensions: Certificate.Extensions
    ) throws -> Certificate {
        let span = Self.validity * 86400
        return try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: key,
            notValidBefore: now.addingTimeInterval(-span),
            notValidAfter: now.addingTimeInterval(span),
            issuer: name(),
            subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: extensions,
            issuerPrivateKey: Certificate.PrivateKey(keys.signingKey("authority", ofRun: runSecret))
        )
    }
}
