#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The terminal's state in which each key arrives at once, unseen, and Ctrl+C is a key.
enum RawMode {
    /// Runs a body in raw mode and restores the terminal on every way out, also when a signal ends the process.
    ///
    /// - Returns: what the body returns; `nil` when standard input is no terminal.
    static func with<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result? {
        var saved = termios()
        guard tcgetattr(0, &saved) == 0 else { return nil }
        var raw = saved
        raw.c_lflag &= ~keyFlags
        let handlers = signals.map { ($0, signal($0, restoreAndEnd)) }
        tcsetattr(0, TCSADRAIN, &raw)
        defer {
            tcsetattr(0, TCSADRAIN, &saved)
            for (number, handler) in handlers { signal(number, handler) }
        }
        return try body()
    }

    private static let keyFlags = tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// May only call what is safe inside a signal handler, and cannot know the saved state: it sets what ``with(_:)`` cleared.
    private static let restoreAndEnd: @convention(c) (Int32) -> Void = { number in
        var state = termios()
        if tcgetattr(0, &state) == 0 {
            state.c_lflag |= tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
            tcsetattr(0, TCSANOW, &state)
        }
        _exit(128 + number)
    }
}
