import Crypto
import Domain
import Foundation
import OrderedCollections
import Synchronization

/// Browser sessions: whoever reads the memory or the file finds hashes only.
///
/// With a file they outlive the scheduler that gave them.
final class SessionStore: Sendable {
    private struct Session: Hashable {
        var expiry: Date
        /// Hash of the API key it was opened with: another key ends it.
        let key: String
    }

    /// Sliding life, seconds.
    private static let life: TimeInterval = 24 * 3600
    /// A life that was begun anew this long ago is written again: not every request of a browser costs a write.
    private static let writeInterval: TimeInterval = 600

    private struct State {
        var sessions: [String: Session] = [:]
        /// What the file says of their ends.
        var written: [String: Date] = [:]
    }

    private let file: String?
    private let state: Mutex<State>

    /// Begins with what a file remembers; one that is missing or broken remembers nothing.
    init(file: String? = nil) {
        self.file = file
        // A login more is all that a broken file costs.
        let text = file.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
        let stored = (try? JSONValue(parsing: text))?.objectValue ?? [:]
        let sessions = stored.compactMap { id, facts -> (String, Session)? in
            guard let expiry = facts["expiry"]?.doubleValue, let key = facts["key"]?.stringValue else { return nil }
            return (id, Session(expiry: Date(timeIntervalSince1970: expiry), key: key))
        }
        let byID = Dictionary(sessions, uniquingKeysWith: { first, _ in first })
        state = Mutex(State(sessions: byID, written: byID.mapValues(\.expiry)))
    }

    /// Remembers a session.
    func open(_ id: String, key: String, at now: Date) {
        let session = Session(expiry: now + Self.life, key: Self.hash(key))
        state.withLock { state in
            state.sessions = state.sessions.filter { $0.value.expiry > now }
            state.sessions[Self.hash(id)] = session
            write(&state)
        }
    }

    /// Whether a session is live; if so its life starts anew.
    func touch(_ id: String, key: String, at now: Date) -> Bool {
        let digest = Self.hash(id)
        let keyDigest = Self.hash(key)
        return state.withLock { state in
            guard let session = state.sessions[digest], session.expiry > now, session.key == keyDigest else {
                if state.sessions.removeValue(forKey: digest) != nil { write(&state) }
                return false
            }
            state.sessions[digest]?.expiry = now + Self.life
            let written = state.written[digest] ?? .distantPast
            if (now + Self.life).timeIntervalSince(written) > Self.writeInterval { write(&state) }
            return true
        }
    }

    /// Whether a session is live; its life goes on as it was.
    func isOpen(_ id: String, key: String, at now: Date) -> Bool {
        let session = state.withLock { $0.sessions[Self.hash(id)] }
        return session.map { $0.expiry > now && $0.key == Self.hash(key) } ?? false
    }

    /// Forgets a session.
    func close(_ id: String) {
        state.withLock { state in
            if state.sessions.removeValue(forKey: Self.hash(id)) != nil { write(&state) }
        }
    }

    /// Writes all of them beside the file and then over it.
    ///
    /// It is done under the lock, against the custom, so that an older state never comes over a newer one; it is a few hundred bytes at a
    /// login or a logout.
    private func write(_ state: inout State) {
        guard let file else { return }
        state.written = state.sessions.mapValues(\.expiry)
        let entries = state.sessions.sorted { $0.key < $1.key }.map { id, session -> (String, JSONValue) in
            (id, ["expiry": .double(session.expiry.timeIntervalSince1970), "key": .string(session.key)])
        }
        let text = JSONValue.object(.init(uniqueKeysWithValues: entries)).compactText
        let fresh = "\(file).new"
        let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        // Where nothing can be written a session ends with the scheduler, as it always could.
        guard FileManager.default.createFile(atPath: fresh, contents: Data(text.utf8), attributes: mode) else { return }
        rename(fresh, file)
    }

    private static func hash(_ text: String) -> String { SHA256.hash(data: Array(text.utf8)).hexText }
}
