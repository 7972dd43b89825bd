import FoundationEssentials

/// What is known of the runtime and of the machine's clock, looked at now and again.
struct Health {
    /// Seconds by which the wall clock may run differently from the one that never jumps.
    static let tolerance = 60.0
    /// How long it is told that the clock was set, in seconds.
    static let memory = 3600.0

    /// Whether the runtime answered when it was last asked.
    private var runtimeAnswers = true
    private var jump: (seconds: Int, noticed: Date)?
    private var lastLook: (time: Date, uptime: Duration)?

    /// Takes in what came of asking the runtime.
    ///
    /// - Returns: whether it is another answer than before.
    mutating func take(runtimeAnswers answers: Bool) -> Bool {
        defer { runtimeAnswers = answers }
        return answers != runtimeAnswers
    }

    /// Compares the two clocks.
    ///
    /// - Returns: by how many seconds the wall clock was set since the last look; `nil` when it was not.
    mutating func look(at time: Date, uptime: Duration) -> Int? {
        defer { lastLook = (time, uptime) }
        guard let lastLook else { return nil }
        let difference = time.timeIntervalSince(lastLook.time) - (uptime - lastLook.uptime) / .seconds(1)
        guard abs(difference) > Self.tolerance else { return nil }
        let seconds = Int(min(max(difference, -1e12), 1e12))
        jump = (seconds, time)
        return seconds
    }

    /// What is broken, for everybody who asks: no paths, no addresses.
    func problems(of runtime: String, at time: Date) -> [String] {
        var problems: [String] = []
        if !runtimeAnswers { problems.append("runtime: \(runtime) does not answer") }
        if let jump, abs(time.timeIntervalSince(jump.noticed)) < Self.memory {
            problems.append("clock: it was set \(jump.seconds > 0 ? "forward" : "back") by \(abs(jump.seconds)) s")
        }
        return problems
    }
}
