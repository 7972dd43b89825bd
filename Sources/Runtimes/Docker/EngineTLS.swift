import Foundation
import NIOSSL

/// The files by which an engine and this user know each other over TLS, in a directory of the docker CLI.
struct EngineTLS: Hashable, Sendable {
    private let directory: String

    /// Names the directory: `ca.pem` says who vouches for engines; with `cert.pem` and `key.pem` this user is known to them.
    init(directory: String) { self.directory = directory }

    /// Reads the files.
    ///
    /// - Throws: ``RuntimeError`` (`unavailable`) naming the one that cannot be used.
    func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = .certificates(try read("ca.pem", NIOSSLCertificate.fromPEMFile))
        guard FileManager.default.fileExists(atPath: "\(directory)/cert.pem") else { return configuration }
        configuration.certificateChain = try read("cert.pem", NIOSSLCertificate.fromPEMFile).map { .certificate($0) }
        configuration.privateKey = .privateKey(try read("key.pem") { try NIOSSLPrivateKey(file: $0, format: .pem) })
        return configuration
    }

    private func read<Content>(_ name: String, _ body: (String) throws -> Content) throws -> Content {
        let path = "\(directory)/\(name)"
        do {
            return try body(path)
        } catch {
            throw RuntimeError(
                code: .unavailable,
                message: "TLS is set up for the container engine (DOCKER_TLS_VERIFY, or docker's context), and \(path) "
                    + (FileManager.default.isReadableFile(atPath: path) ? "is no such file." : "cannot be read.")
            )
        }
    }
}
