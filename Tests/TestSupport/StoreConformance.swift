package import Storage
import Testing

/// What every store must do, whatever engine is behind it: one named check per promise of ``Storage/Store``.
package struct StoreConformance: Sendable, CustomTestStringConvertible {
    /// The promise in words.
    package let name: String
    /// Checks it against an empty store; failures are reported to the running test.
    package let check: @Sendable (any Store) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (any Store) async throws -> Void) {
        self.name = name
        self.check = check
    }

    package var testDescription: String { name }

    /// All checks.
    package static let all: [StoreConformance] =
        queue + queuePolicies + deliveries + receipts + slots + runs + spending + calls + locks + upkeep + history
        + figures
}
