import Synchronization

/// Hides every secret of a store, for a process that lives long.
///
/// Secrets that were there once stay hidden: a run may still have a value that was replaced since.
package final class StoreRedactor: Sendable {
    private struct State {
        var secrets: Set<Secret> = []
        var redactor = Redactor([])
    }

    private let store: CredentialStore
    private let state = Mutex(State())

    /// Reads the store once; ``refresh()`` reads it again.
    package init(store: CredentialStore) {
        self.store = store
        refresh()
    }

    /// Takes in what was stored since; to be called before values go to a run.
    package func refresh() {
        // What cannot be read cannot go to a run either; ``StoredSecrets/warnings`` are for whoever starts something.
        let secrets = store.secrets().secrets
        state.withLock { state in
            guard !state.secrets.isSuperset(of: secrets) else { return }
            state.secrets.formUnion(secrets)
            state.redactor = Redactor(Array(state.secrets))
        }
    }

    /// The text without secrets.
    package func redact(_ text: String) -> String {
        state.withLock { $0.redactor }.redact(text).text
    }
}
