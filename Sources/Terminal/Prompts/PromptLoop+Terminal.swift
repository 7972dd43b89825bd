import Domain

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension PromptLoop.Device {
    /// Keys from standard input, pictures on standard error.
    static func terminal(environment: [String: String]) -> PromptLoop.Device {
        let term = environment["TERM"] ?? ""
        return PromptLoop.Device(
            hasCursor: term != "dumb" && !term.isEmpty,
            read: { Keyboard.byte(patience: $0) },
            write: { Keyboard.show($0) },
            size: { TerminalSize.of(descriptor: 2) ?? TerminalSize(columns: 80, rows: 24) }
        )
    }
}

/// The streams on which a person is asked.
private enum Keyboard {
    /// The next byte; `nil` when none comes in time or ever.
    static func byte(patience: Duration?) -> UInt8? {
        // A negative descriptor is left out.
        var requests = [0, TakenTerminal.wakeUpDescriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let limit = patience.map { Int32(clamping: $0.milliseconds) } ?? -1
        while true {
            let ready = poll(&requests, 2, limit)
            if TakenTerminal.endingSignal != nil { return nil }
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            var byte: UInt8 = 0
            let count = read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? byte : nil
        }
    }

    static func show(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
            // Nobody sees the question any more; the next read says so.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
