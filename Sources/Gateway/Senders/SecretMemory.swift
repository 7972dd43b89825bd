import FoundationEssentials
import Synchronization

/// The webhook secrets of the credential store, read from its files once a second as long as they fit.
final class SecretMemory: Sendable {
    private struct Entry {
        var readAt: Date
        var secrets: [String: String]
    }

    /// How long a secret that is no longer stored may still count.
    static let lifetime: TimeInterval = 1
    /// How long a new one may not, so that signatures that fit nothing do not read files without end.
    static let patience: TimeInterval = 0.05

    private let read: @Sendable (String) throws -> [String: String]
    private let entries = Mutex<[String: Entry]>([:])

    /// Remembers what `read` says of a credential type.
    init(read: @escaping @Sendable (String) throws -> [String: String]) { self.read = read }

    /// Secrets by credential instance.
    ///
    /// - Throws: what reading throws; nothing is remembered then.
    func secrets(of type: String, at time: Date) throws -> [String: String] {
        let known = entries.withLock { $0[type] }
        if let known, abs(time.timeIntervalSince(known.readAt)) < Self.lifetime { return known.secrets }
        return try readAnew(type, at: time)
    }

    /// The secrets as they are now, to be asked for when none of those that ``secrets(of:at:)`` gave fits.
    ///
    /// - Returns: `nil` when they are those that were tried, or were read a moment ago.
    /// - Throws: what reading throws.
    func changedSecrets(of type: String, than tried: [String: String], at time: Date) throws -> [String: String]? {
        let known = entries.withLock { $0[type] }
        // Another delivery that came at the same moment may have had them read.
        if let known, known.secrets != tried { return known.secrets }
        if let known, abs(time.timeIntervalSince(known.readAt)) < Self.patience { return nil }
        let secrets = try readAnew(type, at: time)
        return secrets == tried ? nil : secrets
    }

    private func readAnew(_ type: String, at time: Date) throws -> [String: String] {
        let secrets = try read(type)
        entries.withLock { $0[type] = Entry(readAt: time, secrets: secrets) }
        return secrets
    }
}
