import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The terminal while this program has it for itself: every key arrives at once, unseen, and Ctrl+C is a key.
///
/// It is given back from wherever the program ends: the end of a scope, `exit`, or a signal handler. A handler may not take locks
/// or memory, so what must be undone is kept in atomics, and undoing it twice does nothing.
package enum TakenTerminal {
    /// What the terminal is taken for.
    package enum Use: Sendable {
        /// One question among other lines.
        case question
        /// Lines that are typed under what is printed; a paste comes as one piece.
        case conversation
        /// A program prints, nothing is typed, and Ctrl+C is the signal that it usually is.
        case watching
        /// A screen of its own, without a cursor; what was there before comes back afterwards.
        case fullScreen

        fileprivate var begin: StaticString {
            switch self {
            case .question, .watching: ""
            case .conversation: "\u{1B}[?2004h"
            // Without wrapping, a character that is wider than thought cannot push a line into the next one.
            case .fullScreen: "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
            }
        }

        fileprivate var signals: [Int32] {
            switch self {
            case .question: [SIGINT, SIGTERM, SIGHUP] + Self.crashes
            case .conversation: Self.crashes
            // The others are obeyed by whoever runs meanwhile, who gives the terminal back in the end.
            case .watching: Self.crashes
            case .fullScreen: [SIGHUP] + Self.crashes
            }
        }

        /// What is only noted, for the reader of keys to end.
        fileprivate var notedSignals: [Int32] { self == .conversation ? [SIGINT, SIGTERM, SIGHUP] : [] }

        fileprivate var clearedFlags: tcflag_t {
            self == .watching ? tcflag_t(ECHO | ICANON) : tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
        }

        private static let crashes = [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]
    }

    private static let isTaken = Atomic<Bool>(false)
    private static let isFullScreen = Atomic<Bool>(false)
    private static let isConversation = Atomic<Bool>(false)
    private static let isWatchingExit = Atomic<Bool>(false)
    private static let localFlags = Atomic<UInt>(0)
    private static let noted = Atomic<Int32>(0)
    /// The ends of a pipe, -1 before there is one: a signal may reach another thread than the one that waits for keys.
    private static let wakeUpReading = Atomic<Int32>(-1)
    private static let wakeUpWriting = Atomic<Int32>(-1)

    /// Can be read once a signal was noted; negative when none is.
    static var wakeUpDescriptor: Int32 { wakeUpReading.load(ordering: .sequentiallyConsistent) }

    /// The signal that asked the process to end while messages were typed; `nil` when none did.
    package static var endingSignal: Int32? {
        let number = noted.load(ordering: .sequentiallyConsistent)
        return number == 0 ? nil : number
    }

    /// Runs a body with the terminal taken.
    ///
    /// - Returns: what the body returns; `nil` when standard input is no terminal.
    package static func with<Result, Failure>(
        _ use: Use,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let handlers = take(use) else { return nil }
        defer { giveBack(handlers) }
        return try body()
    }

    /// Runs a body that waits, with the terminal taken.
    ///
    /// - Returns: what the body returns; `nil` when standard input is no terminal.
    package static func with<Result, Failure>(
        _ use: Use,
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result? {
        guard let handlers = take(use) else { return nil }
        defer { giveBack(handlers) }
        return try await body()
    }

    private typealias Handlers = [(number: Int32, former: (@convention(c) (Int32) -> Void)?)]

    private static func take(_ use: Use) -> Handlers? {
        var state = termios()
        guard tcgetattr(0, &state) == 0 else { return nil }
        localFlags.store(UInt(state.c_lflag), ordering: .sequentiallyConsistent)
        isFullScreen.store(use == .fullScreen, ordering: .sequentiallyConsistent)
        isConversation.store(use == .conversation, ordering: .sequentiallyConsistent)
        isTaken.store(true, ordering: .sequentiallyConsistent)
        if !isWatchingExit.exchange(true, ordering: .sequentiallyConsistent) { atexit { TakenTerminal.restore() } }
        if !use.notedSignals.isEmpty { makeWakeUp() }
        let handlers =
            use.signals.map { (number: $0, former: signal($0, restoreAndEnd)) }
            + use.notedSignals.map { (number: $0, former: signal($0, note)) }
        state.c_lflag &= ~use.clearedFlags
        tcsetattr(0, TCSADRAIN, &state)
        show(use.begin)
        return handlers
    }

    /// Made once and kept as long as the process.
    private static func makeWakeUp() {
        guard wakeUpDescriptor < 0 else { return }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wakeUpWriting.store(ends[1], ordering: .sequentiallyConsistent)
        wakeUpReading.store(ends[0], ordering: .sequentiallyConsistent)
    }

    private static func giveBack(_ handlers: Handlers) {
        restore()
        for handler in handlers { signal(handler.number, handler.former) }
    }

    /// Undoes what ``take(_:)`` did, once.
    private static func restore() {
        guard isTaken.exchange(false, ordering: .sequentiallyConsistent) else { return }
        if isFullScreen.load(ordering: .sequentiallyConsistent) {
            // A terminal that takes nothing any more must not keep the program from ending; what is not yet shown will never be seen.
            var output = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
            if poll(&output, 1, 0) == 0 { tcflush(1, TCOFLUSH) }
            show("\u{1B}[?2026l\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        }
        if isConversation.load(ordering: .sequentiallyConsistent) { show("\u{1B}[?2004l\u{1B}[0m") }
        var state = termios()
        guard tcgetattr(0, &state) == 0 else { return }
        state.c_lflag = tcflag_t(localFlags.load(ordering: .sequentiallyConsistent))
        tcsetattr(0, TCSANOW, &state)
    }

    /// Ends the process as the signal would have done without us.
    private static let restoreAndEnd: @convention(c) (Int32) -> Void = { number in
        restore()
        if [SIGINT, SIGTERM, SIGHUP].contains(number) { _exit(128 + number) }
        signal(number, SIG_DFL)
        raise(number)
    }

    private static let note: @convention(c) (Int32) -> Void = { number in
        noted.store(number, ordering: .sequentiallyConsistent)
        var byte: UInt8 = 0
        _ = write(wakeUpWriting.load(ordering: .sequentiallyConsistent), &byte, 1)
    }

    private static func show(_ text: StaticString) {
        _ = text.withUTF8Buffer { write(1, $0.baseAddress, $0.count) }
    }
}
