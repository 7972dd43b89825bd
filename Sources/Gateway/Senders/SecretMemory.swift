import FoundationEssentials
import Synchronization

/// The webhook secrets of the credential store, read from its files once a second at most.
final class SecretMemory: Sendable {
    private struct Entry {
        var readAt: Date
        var secrets: [String: String]
    }

    /// How long a changed secret may go unnoticed.
    static let lifetime: TimeInterval = 1

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
        let secrets = try read(type)
        entries.withLock { $0[type] = Entry(readAt: time, secrets: secrets) }
        return secrets
    }
}
