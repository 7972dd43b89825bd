import Foundation

/// The clock on the wall of a zone: translates between instants and local times, both in seconds since 1970.
struct LocalTime {
    let zone: TimeZone

    /// Where a local time lies on the axis of instants.
    private enum Position {
        case once(Int)
        /// The time does not exist; the instant is the first after the gap.
        case lost(Int)
        /// The time comes twice; `end` is the local time at which the repeated stretch ends.
        case twice(first: Int, second: Int, end: Int)
    }

    /// Offsets never change by more than this at once, and never twice within it.
    private static let day = 86_400

    /// The first instant at which a pattern fires that is at least `start`.
    func firstFire(of pattern: CronPattern, from start: Int) -> Int? {
        let fire = firstPassFire(of: pattern, from: start)
        guard pattern.firesInBothPasses, let repeated = secondPassFire(of: pattern, from: start) else { return fire }
        return fire.map { min($0, repeated) } ?? repeated
    }

    /// The instant of a date-time written out.
    func instant(of moment: CronMoment) -> Int? {
        guard !moment.isUTC else { return moment.seconds }
        switch position(of: moment.seconds) {
        case .once(let instant), .lost(let instant), .twice(let instant, _, _): return instant
        }
    }

    private func firstPassFire(of pattern: CronPattern, from start: Int) -> Int? {
        // When a gap ends exactly at `start`, the times it swallowed fire now.
        var local = start + min(offset(at: start - 1), offset(at: start))
        while let match = pattern.first(from: local) {
            switch position(of: match) {
            case .once(let instant), .lost(let instant):
                if instant >= start { return instant }
                local = match + 1
            case .twice(let first, let second, let end):
                if first >= start { return first }
                if pattern.firesInBothPasses, second >= start { return second }
                local = pattern.firesInBothPasses ? match + 1 : end
            }
        }
        return nil
    }

    /// The first fire in the second pass of an overlap that begins within a day of `start`.
    private func secondPassFire(of pattern: CronPattern, from start: Int) -> Int? {
        let (before, after) = (offset(at: start), offset(at: start + Self.day))
        guard after < before else { return nil }
        let change = transition(after: start, before: start + Self.day)
        guard let match = pattern.first(from: change + after), match < change + before else { return nil }
        return match - after
    }

    private func position(of local: Int) -> Position {
        let (before, after) = (offset(at: local - Self.day), offset(at: local + Self.day))
        guard before != after else { return .once(local - before) }
        let (early, late) = (local - before, local - after)
        switch (offset(at: early) == before, offset(at: late) == after) {
        case (true, true):
            let end = transition(after: local - Self.day, before: local + Self.day) + before
            return .twice(first: early, second: late, end: end)
        case (true, false): return .once(early)
        case (false, true): return .once(late)
        case (false, false): return .lost(transition(after: local - Self.day, before: local + Self.day))
        }
    }

    /// The first instant with the new offset, where the offset changes once between two instants.
    private func transition(after low: Int, before high: Int) -> Int {
        let old = offset(at: low)
        var (low, high) = (low, high)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == old { low = middle } else { high = middle }
        }
        return high
    }

    private func offset(at instant: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }
}
