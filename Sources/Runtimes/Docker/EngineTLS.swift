import Foundation
import NIOSSL

/// How an engine and this user know each other over TLS.
enum EngineTLS: Hashable, Sendable {
    /// By the files in a directory of the docker CLI: `ca.pem` says who vouches for engines, where it need not be there those
    /// whom the system trusts do; with `cert.pem` and `key.pem` this user is known to them.
    case files(directory: String, needsAuthority: Bool)
    /// Somebody wants any engine to be believed, which al does not.
    case unverified

    /// The names of the files.
    static let names = ["ca.pem", "cert.pem", "key.pem"]

    /// Whether a file is there, or may be and is kept from us.
    static func mayExist(_ path: String) -> Bool { access(path, F_OK) == 0 || errno == EACCES }

    /// Reads the files.
    ///
    /// - Throws: ``RuntimeError`` (`unavailable`) naming the one that cannot be used.
    func configuration() throws -> TLSConfiguration {
        guard case .files(let directory, let needsAuthority) = self else {
            throw RuntimeError(
                code: .unavailable,
                message: "TLS without knowing the engine (DOCKER_TLS, or SkipTLSVerify of docker's context) is not "
                    + "supported: whoever is on the way could give the answers. Use DOCKER_TLS_VERIFY=1 with the engine's "
                    + "ca.pem, or a context made with ca=…"
            )
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        let certificates = "certificates"
        if needsAuthority || Self.mayExist("\(directory)/ca.pem") {
            configuration.trustRoots = .certificates(
                try Self.read("\(directory)/ca.pem", certificates, NIOSSLCertificate.fromPEMFile)
            )
        }
        guard Self.mayExist("\(directory)/cert.pem") || Self.mayExist("\(directory)/key.pem") else {
            return configuration
        }
        configuration.certificateChain = try Self.read(
            "\(directory)/cert.pem",
            certificates,
            NIOSSLCertificate.fromPEMFile
        ).map { .certificate($0) }
        configuration.privateKey = .privateKey(
            try Self.read("\(directory)/key.pem", "a key without a passphrase") {
                try NIOSSLPrivateKey(file: $0, format: .pem)
            }
        )
        return configuration
    }

    private static func read<Content>(
        _ path: String,
        _ content: String,
        _ body: (String) throws -> Content
    ) throws -> Content {
        do {
            return try body(path)
        } catch {
            throw RuntimeError(
                code: .unavailable,
                message: "TLS is set up for the container engine (DOCKER_TLS_VERIFY, or docker's context), and \(path) "
                    + (FileManager.default.isReadableFile(atPath: path)
                        ? "is no PEM file of \(content)." : "cannot be read.")
            )
        }
    }
}
