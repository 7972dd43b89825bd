package import Domain

/// Whether a trigger's filters let a delivery pass.
package enum FilterVerdict: Hashable, Sendable {
    case matched
    /// The filter that said no, the values it would have taken and what the delivery had (`nil` = the key is absent).
    case refused(filter: String, expected: [String], found: JSONValue?)

    /// Whether the trigger fires.
    package var isMatch: Bool { self == .matched }
}
