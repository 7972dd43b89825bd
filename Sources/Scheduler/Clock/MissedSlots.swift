import Domain
import FoundationEssentials

/// The due times that nobody fired.
enum MissedSlots {
    /// More than this many in a row are one summarising row.
    static let limit = 1000

    /// The slots after `last` up to and including `end`: all of them, or only the first when they are too many.
    static func between(_ last: Date, and end: Date, next: (Date) -> Date?) -> [Date] {
        var slots: [Date] = []
        var time = last
        while let due = next(time), due <= end {
            slots.append(due)
            if slots.count > limit { return [slots[0]] }
            time = due
        }
        return slots
    }
}
