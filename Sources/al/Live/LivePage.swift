import Domain
import Terminal

/// A text that takes the whole screen and is scrolled: a conversation, the activity, the help.
struct LivePage: Sendable {
    /// What is shown.
    enum Subject: Hashable, Sendable {
        /// The conversation of a run.
        case conversation(InstanceID)
        case activity
        case help
    }

    /// More lines are not kept.
    private static let limit = 5000

    let subject: Subject
    private var lines: [StyledText]
    private var wrapped: [StyledText] = []
    private var columns = 0
    private var rows = 0
    private(set) var top = 0
    /// The end stays in sight when something is added.
    private(set) var isFollowing: Bool

    /// Begins with some lines: at their end if more will come, else at their beginning.
    init(_ subject: Subject, lines: [StyledText] = []) {
        self.subject = subject
        self.lines = lines
        isFollowing = subject != .help
    }

    /// Whether there is anything to show.
    var isEmpty: Bool { lines.isEmpty }

    /// Lines above and below the part in sight.
    var hidden: (above: Int, below: Int) { (top, max(0, wrapped.count - top - rows)) }

    /// The part in sight.
    var visible: ArraySlice<StyledText> { wrapped[min(top, wrapped.count)..<min(top + rows, wrapped.count)] }

    /// Adds lines at the end.
    mutating func append(_ more: [StyledText]) {
        guard !more.isEmpty else { return }
        lines += more
        if lines.count > Self.limit {
            lines.removeFirst(lines.count - Self.limit)
            wrap()
        } else {
            wrapped += more.flatMap { $0.wrapped(to: max(1, columns), indent: indent) }
        }
        settle()
    }

    /// Shows other lines instead.
    mutating func replace(_ lines: [StyledText]) {
        guard lines != self.lines else { return }
        self.lines = lines
        wrap()
        settle()
    }

    /// Fits the text to a part of the screen.
    mutating func layOut(columns: Int, rows: Int) {
        let isNew = columns != self.columns
        (self.columns, self.rows) = (columns, rows)
        if isNew { wrap() }
        settle()
    }

    /// Moves; at the end it follows again.
    ///
    /// - Returns: whether the key is one that moves.
    mutating func scroll(_ key: Key) -> Bool {
        switch key {
        case .up: top -= 1
        case .down: top += 1
        case .pageUp: top -= max(1, rows - 1)
        case .pageDown, .character(" "): top += max(1, rows - 1)
        case .home: top = 0
        case .end: top = wrapped.count
        default: return false
        }
        isFollowing = subject != .help && top >= wrapped.count - rows
        settle()
        return true
    }

    /// Wrapped lines stand under the text, not under the clock or the key.
    private var indent: Int { subject == .help ? 20 : 10 }

    private mutating func wrap() {
        wrapped = lines.flatMap { $0.wrapped(to: max(1, columns), indent: indent) }
    }

    private mutating func settle() {
        let last = max(0, wrapped.count - rows)
        top = isFollowing ? last : min(max(0, top), last)
    }
}
