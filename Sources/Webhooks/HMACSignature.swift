import Crypto

/// A hexadecimal HMAC-SHA256 over the raw body, as most senders use it.
struct HMACSignature {
    private let code: [UInt8]

    /// Reads a header's value.
    ///
    /// Surrounding blanks and the case of the digits do not matter.
    init?(header: String?, prefix: String) {
        guard let header else { return nil }
        let text = header.utf8.drop { Self.isBlank($0) }.reversed().drop { Self.isBlank($0) }.reversed()
        guard text.starts(with: prefix.utf8), let code = Self.bytes(hex: Array(text.dropFirst(prefix.utf8.count))),
            code.count == SHA256.byteCount
        else { return nil }
        self.code = code
    }

    /// The first instance by name whose secret fits; every candidate is tried, so that time tells nothing of its place.
    func instance(fitting body: [UInt8], among secrets: [String: String]) -> String? {
        var found: String?
        for (instance, secret) in secrets.sorted(by: { $0.key < $1.key }) where !secret.isEmpty {
            let key = SymmetricKey(data: Array(secret.utf8))
            let fits = HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: body, using: key)
            if fits, found == nil { found = instance }
        }
        return found
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func bytes(hex: [UInt8]) -> [UInt8]? {
        guard hex.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hex.count / 2)
        for index in stride(from: 0, to: hex.count, by: 2) {
            guard let high = digit(hex[index]), let low = digit(hex[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
