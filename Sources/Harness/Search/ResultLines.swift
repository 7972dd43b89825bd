/// The lines of a search result, up to the size a tool result may have.
struct ResultLines {
    private(set) var lines: [String] = []
    private var size = 0
    /// Whether a line did not fit any more.
    private(set) var isFull = false

    /// Adds a line, unless there is no room for it.
    ///
    /// - Returns: whether it fitted.
    mutating func add(_ line: String) -> Bool {
        let grown = size + line.utf8.count + (lines.isEmpty ? 0 : 1)
        guard !isFull, grown <= ToolLimits.bytes else {
            isFull = true
            return false
        }
        size = grown
        lines.append(line)
        return true
    }

    /// The lines and, below them, what is to be said about the result as a whole.
    func text(notes: [String], otherwise nothing: String) -> String {
        let full = isFull ? ["[Only the first 50KB are shown. Narrow the search down.]"] : []
        return ((lines.isEmpty ? [nothing] : lines) + full + notes).joined(separator: "\n")
    }
}
