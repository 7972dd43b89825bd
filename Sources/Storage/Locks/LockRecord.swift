package import Domain
package import FoundationEssentials

/// A live lock.
package struct LockRecord: Hashable, Sendable {
    package var key: String
    package var holder: InstanceID
    package var heldSince: Date
    package var expiresAt: Date

    /// Collects the facts.
    package init(key: String, holder: InstanceID, heldSince: Date, expiresAt: Date) {
        self.key = key
        self.holder = holder
        self.heldSince = heldSince
        self.expiresAt = expiresAt
    }
}

/// The answer to a lock operation.
package enum LockAnswer: Hashable, Sendable {
    case ok(expiresAt: Date)
    case heldByOther(InstanceID, since: Date)
    /// The holder already has another lock.
    case holdsAnother(key: String)
    case notFound
}
