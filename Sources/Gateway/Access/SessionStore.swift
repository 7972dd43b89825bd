import Crypto
import FoundationEssentials
import Synchronization

/// Browser sessions, in memory: whoever reads the memory finds hashes only.
final class SessionStore: Sendable {
    private struct Session {
        var expiry: Date
        /// Hash of the API key it was opened with: another key ends it.
        let key: SHA256.Digest
    }

    /// Sliding life, seconds.
    private let life: TimeInterval = 24 * 3600
    private let sessions = Mutex<[SHA256.Digest: Session]>([:])

    /// Remembers a session.
    func open(_ id: String, key: String, at now: Date) {
        let session = Session(expiry: now + life, key: hash(key))
        sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.expiry > now }
            sessions[hash(id)] = session
        }
    }

    /// Whether a session is live; if so its life starts anew.
    func touch(_ id: String, key: String, at now: Date) -> Bool {
        let digest = hash(id)
        let keyDigest = hash(key)
        return sessions.withLock { sessions in
            guard let session = sessions[digest], session.expiry > now, session.key == keyDigest else {
                sessions[digest] = nil
                return false
            }
            sessions[digest]?.expiry = now + life
            return true
        }
    }

    /// Forgets a session.
    func close(_ id: String) {
        sessions.withLock { $0[hash(id)] = nil }
    }

    private func hash(_ text: String) -> SHA256.Digest { SHA256.hash(data: Array(text.utf8)) }
}
