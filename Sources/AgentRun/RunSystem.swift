package import FoundationEssentials

/// What a run takes from the machine it runs on; the executable fills it in.
package struct RunSystem: Sendable {
    package var clock: any Clock<Duration>
    package var now: @Sendable () -> Date
    /// Random bits, for ids.
    package var random: @Sendable () -> UInt64
    /// Writes one line of standard output, adds the newline and flushes.
    package var output: @Sendable (String) -> Void
    /// Numbers of the signals that arrive (SIGTERM, SIGINT).
    package var signals: AsyncStream<Int32>
    /// Ends the process; called only when the run does not come to its end by itself in time.
    package var exit: @Sendable (Int32) -> Void
    /// Directory of the files baked into an image.
    package var staticDirectory = "/app/static"
    /// Whether the run owns its process: it then clears its environment, changes its directory and kills what is below it.
    package var ownsProcess = true
    /// Version of this program.
    package var version = "0"

    /// Collects the facts.
    package init(
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        random: @escaping @Sendable () -> UInt64,
        output: @escaping @Sendable (String) -> Void,
        signals: AsyncStream<Int32>,
        exit: @escaping @Sendable (Int32) -> Void
    ) {
        self.clock = clock
        self.now = now
        self.random = random
        self.output = output
        self.signals = signals
        self.exit = exit
    }

    /// At least 0, less than 1.
    func unitRandom() -> Double { Double(random() >> 11) / Double(1 << 53) }

    /// Sixteen random hexadecimal digits.
    func makeID() -> String {
        let digits = String(random(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
