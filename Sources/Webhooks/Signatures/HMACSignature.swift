import Crypto
import Domain
import FoundationEssentials

/// A message authentication code that a sender wrote into a header.
struct HMACSignature {
    private let code: [UInt8]
    private let algorithm: HMACFormat.Algorithm

    /// Reads a header's value.
    ///
    /// Surrounding blanks and the case of hexadecimal digits do not matter; everything else does.
    init?(
        header: String?,
        prefix: String = "",
        encoding: HMACFormat.Encoding = .hex,
        algorithm: HMACFormat.Algorithm = .sha256
    ) {
        guard let text = header.map(trimmed), text.starts(with: prefix.utf8) else { return nil }
        let digits = text.dropFirst(prefix.utf8.count)
        let decoded = encoding == .hex ? bytes(hex: digits) : Self.decoded(base64: digits)
        guard let decoded, decoded.count == algorithm.byteCount else { return nil }
        code = decoded
        self.algorithm = algorithm
    }

    /// The first instance by name whose secret fits; every candidate is tried, so that time tells nothing of its place.
    ///
    /// - Parameters:
    ///   - pieces: what was signed, in this order.
    ///   - secrets: texts by instance; an empty one fits nothing.
    ///   - key: the key that a secret stands for; its UTF-8 bytes unless the sender has another form.
    /// - Returns: the instance; `nil` when none fits.
    func instance(
        fitting pieces: [some DataProtocol],
        among secrets: [String: String],
        key: (String) -> [UInt8]? = { Array($0.utf8) }
    ) -> String? {
        var found: String?
        for (instance, secret) in secrets.sorted(by: { $0.key < $1.key }) {
            guard let key = key(secret), !key.isEmpty else { continue }
            let fits = fits(pieces, SymmetricKey(data: key))
            if fits, found == nil { found = instance }
        }
        return found
    }

    /// The code of a message, for whoever signs.
    static func code(_ pieces: [some DataProtocol], key: [UInt8], algorithm: HMACFormat.Algorithm) -> [UInt8] {
        let key = SymmetricKey(data: key)
        return switch algorithm {
        case .sha1: Array(mac(Insecure.SHA1.self, pieces, key))
        case .sha256: Array(mac(SHA256.self, pieces, key))
        case .sha512: Array(mac(SHA512.self, pieces, key))
        }
    }

    private func fits(_ pieces: [some DataProtocol], _ key: SymmetricKey) -> Bool {
        // Comparing a code with bytes takes the same time wherever they differ.
        switch algorithm {
        case .sha1: Self.mac(Insecure.SHA1.self, pieces, key) == code
        case .sha256: Self.mac(SHA256.self, pieces, key) == code
        case .sha512: Self.mac(SHA512.self, pieces, key) == code
        }
    }

    private static func mac<Hash: HashFunction>(
        _ hash: Hash.Type,
        _ pieces: [some DataProtocol],
        _ key: SymmetricKey
    ) -> HMAC<Hash>.MAC {
        var code = HMAC<Hash>(key: key)
        for piece in pieces { code.update(data: piece) }
        return code.finalize()
    }

    /// Only the one way to write some bytes counts: the last digit may carry bits that mean nothing.
    private static func decoded(base64 digits: some Sequence<UInt8>) -> [UInt8]? {
        let text = Array(digits)
        guard let data = Data(base64Encoded: Data(text)), Array(data.base64EncodedData()) == text else { return nil }
        return Array(data)
    }
}

extension HMACFormat.Algorithm {
    fileprivate var byteCount: Int {
        switch self {
        case .sha1: Insecure.SHA1.byteCount
        case .sha256: SHA256.byteCount
        case .sha512: SHA512.byteCount
        }
    }
}

/// The bytes of a header's value without surrounding blanks.
func trimmed(_ value: String) -> ArraySlice<UInt8> {
    var bytes = Array(value.utf8)[...]
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
    return bytes
}
