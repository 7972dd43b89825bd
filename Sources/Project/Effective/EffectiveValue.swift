package import Domain

/// One key of a merged configuration and where its value comes from.
package struct EffectiveValue: Hashable, Sendable {
    /// As problems name it: `gateway.port`, `webhooks[0].events`.
    package var keyPath: String
    /// Secrets are masked.
    package var value: JSONValue
    /// The file that decided, or `default`.
    package var source: String
    /// From 1; `nil` for defaults.
    package var line: Int?
}
