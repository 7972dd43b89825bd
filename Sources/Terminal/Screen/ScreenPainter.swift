/// Brings a terminal from one picture to the next by writing only the lines that changed.
package struct ScreenPainter: Sendable {
    private var shown: [String] = []
    private var size: TerminalSize?

    /// Nothing is shown yet.
    package init() {}

    /// Forgets what is shown, so that the next picture is painted whole: somebody else wrote to the terminal.
    package mutating func forget() { size = nil }

    /// What to write so that the terminal shows these lines.
    ///
    /// - Parameters:
    ///   - lines: from the top; none wider than the terminal, more than it has rows are left out, missing ones are empty.
    ///   - size: of the terminal; a new one paints everything anew.
    /// - Returns: text with escape sequences; empty when nothing changed.
    package mutating func paint(_ lines: [String], size: TerminalSize) -> String {
        let isNew = size != self.size
        let old = isNew ? Array(repeating: "", count: size.rows) : shown
        let new = Array(lines.prefix(size.rows)) + Array(repeating: "", count: max(0, size.rows - lines.count))
        var text = isNew ? "\u{1B}[2J" : ""
        for row in new.indices where new[row] != old[row] {
            text += "\u{1B}[\(row + 1);1H\(new[row])"
            // In the last column the cursor stays on the character that it wrote, which clearing would take away.
            if displayWidth(of: new[row]) < size.columns { text += "\u{1B}[K" }
        }
        (shown, self.size) = (new, size)
        // Terminals that know the first sequence show the change at once when the last one comes.
        return text.isEmpty ? "" : "\u{1B}[?2026h" + text + "\u{1B}[?2026l"
    }
}
