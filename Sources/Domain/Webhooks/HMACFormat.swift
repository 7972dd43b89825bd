/// The form of an HMAC in a header.
package struct HMACFormat: Hashable, Sendable {
    /// Hash functions that senders use.
    package enum Algorithm: String, CaseIterable, Hashable, Sendable { case sha1, sha256, sha512 }

    /// How the code is written.
    package enum Encoding: String, CaseIterable, Hashable, Sendable { case hex, base64 }

    /// Header of the signature.
    package var header: String
    package var algorithm: Algorithm
    package var encoding: Encoding
    /// Text before the signature, such as `sha256=`.
    package var prefix: String
    /// Header with seconds since 1970; with it the signed text is `<timestamp>.<body>`.
    package var timestampHeader: String?

    /// Collects the facts; the defaults are those of the configuration.
    package init(
        header: String,
        algorithm: Algorithm = .sha256,
        encoding: Encoding = .hex,
        prefix: String = "",
        timestampHeader: String? = nil
    ) {
        self.header = header
        self.algorithm = algorithm
        self.encoding = encoding
        self.prefix = prefix
        self.timestampHeader = timestampHeader
    }
}
