import FoundationEssentials
import Synchronization
import Webhooks

/// The webhook secrets of the credential store, read from its files once a second as long as they fit.
final class SecretMemory: Sendable {
    private struct Entry {
        var readAt: Date
        var secrets: StoredSecrets
    }

    /// How long a secret that is no longer stored may still count.
    static let lifetime: TimeInterval = 1
    /// How long a new one may not, so that signatures that fit nothing do not read files without end.
    static let patience: TimeInterval = 0.05

    private let read: @Sendable (String) throws -> StoredSecrets
    private let report: @Sendable (String) -> Void
    private let entries = Mutex<[String: Entry]>([:])

    /// Remembers what `read` says of a credential type, and reports once why a secret cannot be read.
    init(
        read: @escaping @Sendable (String) throws -> StoredSecrets,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.read = read
        self.report = report
    }

    /// The secrets of a credential type.
    ///
    /// - Throws: what reading throws; nothing is remembered then.
    func secrets(of type: String, at time: Date) throws -> StoredSecrets {
        let known = entries.withLock { $0[type] }
        if let known, abs(time.timeIntervalSince(known.readAt)) < Self.lifetime { return known.secrets }
        return try readAnew(type, at: time)
    }

    /// The secrets as they are now, to be asked for when none of those that ``secrets(of:at:)`` gave fits.
    ///
    /// - Returns: `nil` when they are those that were tried, or were read a moment ago.
    /// - Throws: what reading throws.
    func changedSecrets(of type: String, than tried: StoredSecrets, at time: Date) throws -> StoredSecrets? {
        let known = entries.withLock { $0[type] }
        // Another delivery that came at the same moment may have had them read.
        if let known, known.secrets != tried { return known.secrets }
        if let known, abs(time.timeIntervalSince(known.readAt)) < Self.patience { return nil }
        let secrets = try readAnew(type, at: time)
        return secrets == tried ? nil : secrets
    }

    private func readAnew(_ type: String, at time: Date) throws -> StoredSecrets {
        let secrets = try read(type)
        let known = entries.withLock { $0.updateValue(Entry(readAt: time, secrets: secrets), forKey: type)?.secrets }
        for (instance, reason) in secrets.unreadable where known?.unreadable[instance] != reason { report(reason) }
        return secrets
    }
}
