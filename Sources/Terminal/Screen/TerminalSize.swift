#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Cells of a terminal.
package struct TerminalSize: Hashable, Sendable {
    package let columns: Int
    package let rows: Int

    /// A size; less than ten by five is taken as that.
    package init(columns: Int, rows: Int) {
        self.columns = max(10, columns)
        self.rows = max(5, rows)
    }

    /// The size of the terminal behind a stream; `nil` when it is none.
    package static func of(descriptor: Int32) -> TerminalSize? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return TerminalSize(columns: Int(size.ws_col), rows: size.ws_row > 0 ? Int(size.ws_row) : 24)
    }
}
