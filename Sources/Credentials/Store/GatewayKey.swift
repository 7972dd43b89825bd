import Foundation

/// The API key of operators: `gateway_api_key:default`, field `key`.
package struct GatewayKey: Hashable, Sendable {
    package let value: String
    /// It was made just now.
    package let isNew: Bool

    /// Reads the key or makes one of 32 random bytes, base64url without padding.
    ///
    /// - Throws: ``CredentialError`` when the store cannot be read or written.
    package static func loadOrCreate(
        in store: CredentialStore,
        randomBytes: (Int) -> [UInt8]
    ) throws(CredentialError) -> GatewayKey {
        if let value = try store.read(type: "gateway_api_key", instance: "default")?["key"] {
            return GatewayKey(value: value, isNew: false)
        }
        let text = Data(randomBytes(32)).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        try store.write(type: "gateway_api_key", instance: "default", fields: ["key": text])
        // Another process may have written at the same moment: what stands there now counts for both.
        let value = try store.read(type: "gateway_api_key", instance: "default")?["key"] ?? text
        return GatewayKey(value: value, isNew: true)
    }
}
