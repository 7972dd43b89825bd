/// The headers of a delivery.
///
/// Names are compared without regard to case; a repeated header counts with its first value.
package struct WebhookHeaders: Hashable, Sendable {
    /// Values by lower-case name.
    package private(set) var values: [String: String] = [:]

    /// Collects name and value pairs in the order they came.
    package init(_ fields: some Sequence<(name: String, value: String)>) {
        for (name, value) in fields {
            let key = name.lowercased()
            if values[key] == nil { values[key] = value }
        }
    }

    /// The first value of a header.
    package subscript(name: String) -> String? { values[name] ?? values[name.lowercased()] }

    /// The headers that may be stored: without signatures, cookies and authorization.
    package func storable(for provider: any WebhookProvider) -> [String: String] {
        let hidden = Set(provider.privateHeaders + ["cookie", "set-cookie", "authorization", "proxy-authorization"])
        return values.filter { !hidden.contains($0.key) }
    }
}
