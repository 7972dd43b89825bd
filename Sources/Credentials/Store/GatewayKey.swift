import Domain
import Foundation

/// The key that people's clients show to the gateway: credential `gateway_api_key:default`, field `key`.
package struct GatewayKey: Sendable {
    private let store: CredentialStore

    /// Looks in this store.
    package init(store: CredentialStore) { self.store = store }

    /// The stored key.
    ///
    /// - Returns: `nil` when there is none.
    /// - Throws: ``CredentialError`` (`unreadable`, `exposed`).
    package func load() throws(CredentialError) -> String? {
        try store.read("gateway_api_key", "default")?["key"]
    }

    /// The stored key, or a new one.
    ///
    /// Of two processes that create one at once, both get the first's.
    ///
    /// - Parameter randomBytes: gives that many bytes from the system's random source.
    /// - Returns: the key, and whether it is new.
    /// - Throws: ``CredentialError`` (`unreadable`, `exposed`).
    package func loadOrCreate(
        randomBytes: (Int) -> [UInt8]
    ) throws(CredentialError) -> (key: String, isNew: Bool) {
        if let key = try load() { return (key, false) }
        let key = Base64URL.encode(randomBytes(32))
        if try store.create(["key": key], "gateway_api_key", "default") { return (key, true) }
        guard let winner = try load() else {
            throw .incomplete(CredentialReference(type: "gateway_api_key"), field: "key")
        }
        return (winner, false)
    }
}

/// Base64 for URLs, without padding.
enum Base64URL {
    static func encode(_ bytes: [UInt8]) -> String {
        let map: [Character: Character] = ["+": "-", "/": "_"]
        return String(Data(bytes).base64EncodedString().filter { $0 != "=" }.map { map[$0] ?? $0 })
    }
}
