import Domain
import FoundationEssentials
import Storage

/// The slots of one schedule whose time has come since the last decision.
struct PassedSlots: Hashable {
    /// More missed slots in a row than this are one row.
    static let limit = 1000
    /// More than this are not counted one by one: a schedule of every second would keep the scheduler busy for minutes.
    static let countLimit = 10_000

    /// Those that can no longer fire, oldest first; of more than ``limit`` only the first and the last two.
    private(set) var late: [Date] = []
    /// How many are late, at most about ``countLimit``.
    private(set) var lateCount = 0
    /// Those that may still fire, oldest first.
    private(set) var onTime: [Date] = []

    /// Finds them.
    ///
    /// - Parameters:
    ///   - decided: slots up to this one have a record.
    ///   - end: the last moment whose slots have come.
    ///   - lateBefore: slots before this are late.
    ///   - next: the schedule's first slot after a time.
    init(after decided: Date, upTo end: Date, lateBefore: Date, next: (Date) -> Date?) {
        var time = decided
        while let slot = next(time), slot <= end {
            time = slot
            guard slot < lateBefore else {
                onTime.append(slot)
                continue
            }
            addLate(slot)
            if lateCount == Self.countLimit {
                skipLate(upTo: min(end, lateBefore)) { next($0).flatMap { $0 <= end && $0 < lateBefore ? $0 : nil } }
                time = late.last ?? time
            }
        }
    }

    var count: Int { lateCount + onTime.count }

    var newest: Date? { onTime.last ?? late.last }

    /// The records of the slots that nobody makes up for; a newest one that is given gets a record of its own.
    func missed(of agent: AgentName, sparing newest: Date? = nil) -> [SlotDecision] {
        var late = late
        var lateCount = lateCount
        if let newest, late.last == newest {
            late.removeLast()
            lateCount -= 1
        }
        let others = newest == nil ? [] : onTime.filter { $0 != newest }
        guard lateCount > Self.limit, let first = late.first, let last = late.last else {
            return (late + others).map { SlotDecision(agent: agent, due: $0, end: .missed) }
        }
        return [SlotDecision(agent: agent, due: last, end: .missedMany(first: first, count: lateCount))]
            + others.map { SlotDecision(agent: agent, due: $0, end: .missed) }
    }

    private mutating func addLate(_ slot: Date) {
        late.append(slot)
        lateCount += 1
        // One more than the limit may still become exactly the limit, when the newest is spared.
        if lateCount == Self.limit + 2 { late.removeSubrange(1..<(late.count - 2)) }
        if lateCount > Self.limit + 2 { late.remove(at: 1) }
    }

    /// Goes to the last two late slots without visiting those before: looks back from the end, farther and farther.
    private mutating func skipLate(upTo end: Date, nextLate: (Date) -> Date?) {
        var step = 2.0
        var found: [Date] = []
        while found.count < 2, let last = late.last, end.addingTimeInterval(-step) > last {
            found = []
            var time = end.addingTimeInterval(-step)
            while let slot = nextLate(time) {
                found.append(slot)
                time = slot
            }
            step *= 2
        }
        guard found.count >= 2 else { return }
        late.replaceSubrange((late.count - 2)..., with: found.suffix(2))
        lateCount += 1
    }
}
