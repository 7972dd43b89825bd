/// What a person pressed.
package enum Key: Hashable, Sendable {
    case character(Character)
    case enter, tab, backspace, delete, escape
    case up, down, left, right, home, end, pageUp, pageDown
    /// Alt+Enter, Shift+Enter where the terminal tells it apart, or a line's end inside of a paste.
    case newLine
    /// Ctrl+U and Ctrl+W.
    case deleteLine, deleteWord
    /// Ctrl+L.
    case redraw
    /// Ctrl+C.
    case interrupt
    /// Ctrl+D, or the terminal is gone.
    case endOfInput
}
