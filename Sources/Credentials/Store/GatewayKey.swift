import Foundation

/// The API key of operators: `gateway_api_key:default`, field `key`.
package struct GatewayKey: Hashable, Sendable {
    package let value: String
    /// It was made just now.
    package let isNew: Bool

    /// Reads the key or makes one of 32 random bytes, base64url without padding.
    ///
    /// Of two that find no key at the same moment one makes it and the other reads it.
    ///
    /// - Throws: ``CredentialError`` when the store cannot be read or written.
    package static func loadOrCreate(
        in store: CredentialStore,
        randomBytes: (Int) -> [UInt8]
    ) throws(CredentialError) -> GatewayKey {
        if let known = try read(store) { return known }
        let text = Data(randomBytes(32)).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        let fields = ["key": text]
        if try store.create(type: "gateway_api_key", instance: "default", fields: fields) {
            return GatewayKey(value: text, isNew: true)
        }
        if let known = try read(store) { return known }
        // What stands in the way is an instance without a key.
        try store.write(type: "gateway_api_key", instance: "default", fields: fields)
        return GatewayKey(value: text, isNew: true)
    }

    private static func read(_ store: CredentialStore) throws(CredentialError) -> GatewayKey? {
        try store.read(type: "gateway_api_key", instance: "default")?["key"].map { GatewayKey(value: $0, isNew: false) }
    }
}
