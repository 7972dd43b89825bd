import FoundationEssentials

/// Whom programs of a run believe that a server is who it says: those whom the machine believes, and the run's own authority,
/// which stands for the hosts that secrets are put in for.
enum TrustedCertificates {
    /// Where Linux distributions keep all certificates in one file.
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]

    /// Writes one file with both.
    ///
    /// - Parameters:
    ///   - environment: `AL_BROKER_CA` holds the authority's certificate, PEM in Base64.
    ///   - directory: private to the run.
    /// - Returns: the variables that lead OpenSSL, git, curl, Python and Node to it; none without an authority.
    /// - Throws: ``RunFailure`` when the file cannot be written.
    static func variables(_ environment: [String: String], directory: String) throws(RunFailure) -> [String: String] {
        guard let text = environment["AL_BROKER_CA"], let authority = Data(base64Encoded: text) else { return [:] }
        let file = "\(directory)/certificates.pem"
        let files = FileManager.default
        let known = ([environment["SSL_CERT_FILE"]].compactMap { $0 } + bundles).lazy.compactMap {
            files.contents(atPath: $0)
        }
        do {
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try ((known.first ?? Data()) + Data("\n".utf8) + authority).write(to: URL(filePath: file))
        } catch {
            throw RunFailure(.directories, "cannot write the certificates to \(file): \(error)")
        }
        let names = [
            "SSL_CERT_FILE", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
        ]
        return Dictionary(uniqueKeysWithValues: names.map { ($0, file) })
    }
}
