package import FoundationEssentials
import Synchronization

/// Hides every secret of a store, for a process that lives long.
///
/// Secrets that were there once stay hidden: a run may still have a value that was replaced since.
package final class StoreRedactor: Sendable {
    private struct State {
        var secrets: Set<Secret> = []
        var redactor = Redactor([])
        var warnings: [String] = []
        var readAt: Date?
    }

    /// How long somebody who asks again and again may go without a value that was stored meanwhile, in seconds.
    private static let patience: TimeInterval = 1

    private let store: CredentialStore
    private let state = Mutex(State())

    /// Reads the store once; ``refresh()`` reads it again.
    package init(store: CredentialStore) {
        self.store = store
        refresh()
    }

    /// Takes in what was stored since; to be called before values go to a run.
    package func refresh() {
        // What cannot be read cannot go to a run either; ``warnings`` are for whoever starts something.
        let stored = store.secrets()
        state.withLock { state in
            state.warnings = stored.warnings
            guard !state.secrets.isSuperset(of: stored.secrets) else { return }
            state.secrets.formUnion(stored.secrets)
            state.redactor = Redactor(Array(state.secrets))
        }
    }

    /// The same, once a second at most: for texts that people see.
    package func refresh(at now: Date) {
        let isDue = state.withLock { state in
            if let readAt = state.readAt, abs(now.timeIntervalSince(readAt)) < Self.patience { return false }
            state.readAt = now
            return true
        }
        if isDue { refresh() }
    }

    /// What of the store is not hidden, as it was read last: ``StoredSecrets/warnings``.
    package var warnings: [String] { state.withLock { $0.warnings } }

    /// The text without secrets.
    package func redact(_ text: String) -> String {
        state.withLock { $0.redactor }.redact(text).text
    }
}
