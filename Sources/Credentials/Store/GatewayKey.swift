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
        if let value = try stored(in: store) { return GatewayKey(value: value, isNew: false) }
        let text = fresh(randomBytes)
        if try store.create(type: type, instance: instance, fields: [field: text]) {
            return GatewayKey(value: text, isNew: true)
        }
        if let value = try stored(in: store) { return GatewayKey(value: value, isNew: false) }
        // What stands in the way is an instance without a key.
        try store.write(type: type, instance: instance, fields: [field: text])
        return GatewayKey(value: text, isNew: true)
    }

    /// Replaces the key; the old one and every login made with it are void at once.
    ///
    /// - Throws: ``CredentialError`` when the store cannot be written.
    package static func rotate(
        in store: CredentialStore,
        randomBytes: (Int) -> [UInt8]
    ) throws(CredentialError) -> GatewayKey {
        let text = fresh(randomBytes)
        try store.write(type: type, instance: instance, fields: [field: text])
        return GatewayKey(value: text, isNew: true)
    }

    /// The stored key; `nil` when there is none.
    package static func stored(in store: CredentialStore) throws(CredentialError) -> String? {
        try store.read(type: type, instance: instance)?[field]
    }

    /// The file that holds the key.
    package static func path(in store: CredentialStore) -> String { "\(store.root)/\(type)/\(instance)/\(field)" }

    /// A key that nobody has yet: 43 characters of base64url.
    package static func fresh(_ randomBytes: (Int) -> [UInt8]) -> String {
        Data(randomBytes(32)).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    private static let type = CredentialType.gatewayApiKey.id
    private static let instance = "default"
    private static let field = "key"
}
