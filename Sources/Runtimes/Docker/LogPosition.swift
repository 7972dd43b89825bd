/// How far an engine's log was read: the time stamp of the last line, and how many lines with that stamp came before it.
///
/// Podman 4 stamps lines with whole seconds, so that many share one; Docker's nanoseconds hardly ever do.
struct LogPosition: Hashable, Sendable {
    var stamp: LogTimestamp
    /// Lines with this stamp up to here, the last one included.
    var count = 1

    init(stamp: LogTimestamp, count: Int = 1) {
        self.stamp = stamp
        self.count = count
    }

    /// `<seconds>.<nine digits>`, followed by `+<count>` where several lines share the stamp.
    var text: String { count == 1 ? stamp.position : "\(stamp.position)+\(count)" }

    /// Reads ``text``; `nil` for anything else.
    init?(text: String) {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let stamp = LogTimestamp(position: String(parts[0])) else { return nil }
        guard parts.count == 2 else {
            self.init(stamp: stamp)
            return
        }
        guard let count = Int(parts[1]), count > 1 else { return nil }
        self.init(stamp: stamp, count: count)
    }

    /// The position behind a line with a stamp, which comes after this one.
    func advanced(to stamp: LogTimestamp) -> LogPosition {
        LogPosition(stamp: stamp, count: stamp == self.stamp ? count + 1 : 1)
    }
}
