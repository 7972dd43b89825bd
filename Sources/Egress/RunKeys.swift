import Crypto
import Domain
package import FoundationEssentials

/// Derives what sealed runs are given in place of secrets.
///
/// Everything follows from one key of the project and the run's own secret, so that nothing is stored for each run, and a
/// run which outlives its scheduler is understood by the next one. The run's secret alone, which its tools know, leads
/// to nothing.
package struct RunKeys: Sendable {
    /// Bytes of the project's key.
    static let size = 32

    private let key: SymmetricKey

    /// Takes the project's key.
    package init(_ bytes: some ContiguousBytes) { key = SymmetricKey(data: bytes) }

    /// What a run shows the gateway where the key of its model would stand.
    package func modelToken(ofRun secret: String) -> String { "al-llm-" + code("model", secret).hexText }

    /// Whether a token is that of a run.
    package func isModelToken(_ token: String, ofRun secret: String) -> Bool {
        modelToken(ofRun: secret).utf8.isSameSecret(as: token.utf8)
    }

    /// What a run has where a secret would stand.
    ///
    /// - Parameters:
    ///   - place: of the secret, unique in the run.
    ///   - secret: the run's own.
    /// - Returns: a text that no secret looks like.
    package func placeholder(for place: String, ofRun secret: String) -> String {
        "al-broker-" + code("placeholder \(place)", secret).prefix(12).hexText
    }

    /// A key for certificates.
    func signingKey(_ purpose: String, ofRun secret: String) -> P256.Signing.PrivateKey {
        var attempt = 0
        while true {
            // One in four billion values is too large for a key of this curve.
            let bytes = Data(code("key \(purpose) \(attempt)", secret))
            if let key = try? P256.Signing.PrivateKey(rawRepresentation: bytes) { return key }
            attempt += 1
        }
    }

    private func code(_ purpose: String, _ secret: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Data("\(purpose)\0\(secret)".utf8), using: key)
    }
}
