import Terminal

/// The keys of the live view.
enum LiveHelp {
    private static let keys: [(key: String, what: String)] = [
        ("↑ ↓", "select an agent; in a conversation, scroll"),
        ("PgUp PgDn Home End", "the same in larger steps; End follows what comes"),
        ("Enter", "open the conversation of the selected agent's live run, else of its last run"),
        ("Esc", "back; on the agents, show all of them again"),
        ("r", "run the selected agent now"),
        ("space", "enable or disable it"),
        ("k", "kill its runs (asks first)"),
        ("p", "pause or resume the scheduler"),
        ("/", "show only agents whose name contains a text"),
        ("a", "the whole activity"),
        ("Ctrl+L", "paint the screen anew"),
        ("q", "stop the scheduler (asks first)"),
        ("Ctrl+C", "stop it at once: running agents go on, the next al start adopts them"),
    ]

    /// One line a key.
    static var lines: [StyledText] {
        let width = keys.map { displayWidth(of: $0.key) }.max() ?? 0
        return keys.map { StyledText($0.key, .bold).padded(to: width + 2) + StyledText($0.what) }
    }
}
