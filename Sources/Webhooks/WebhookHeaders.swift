/// The headers of a delivery.
///
/// Names are compared without regard to case; a repeated header counts with its first value.
package struct WebhookHeaders: Hashable, Sendable {
    /// Values by lower-case name.
    package let values: [String: String]

    /// Collects name and value pairs in the order they came.
    package init(_ fields: [(name: String, value: String)]) {
        values = Dictionary(fields.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    }

    /// The first value of a header.
    package subscript(name: String) -> String? { values[name] ?? values[name.lowercased()] }

    /// The headers that may be stored: without signatures, cookies and authorization.
    ///
    /// - Parameter hidden: names in lower case, from ``SourceSelection/privateHeaders(in:)``.
    /// - Returns: values by lower-case name.
    package func storable(hiding hidden: Set<String>) -> [String: String] {
        values.filter { !Self.alwaysHidden.contains($0.key) && !hidden.contains($0.key) }
    }

    private static let alwaysHidden = ["cookie", "set-cookie", "authorization", "proxy-authorization"]
}
