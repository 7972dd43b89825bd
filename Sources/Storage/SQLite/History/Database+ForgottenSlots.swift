import Domain
import FoundationEssentials
import GRDB

extension Database {
    /// Most slots of one gap that are counted one by one.
    private static let gapLimit = 1000

    /// Finds slots of today's schedules that came due between two others and have no row.
    ///
    /// Those before an agent's first row are not looked for: rows are deleted when they are old.
    func auditForgottenSlots(since: Int64, into audit: inout Audit) throws {
        for row in try rows("SELECT agent, text, since FROM schedules ORDER BY agent") {
            let name: String = row[0]
            // What is no schedule any more, such as one of an older dialect, says nothing about slots.
            guard let (schedule, zone) = Self.schedule(in: row[1]) else { continue }
            let slots = try Row.fetchCursor(
                try cachedStatement(
                    sql: """
                        SELECT coalesce(first_due_at, due_at), due_at FROM slots WHERE agent = ? AND due_at >= ?
                        ORDER BY due_at
                        """
                ),
                arguments: [name, max(since, row[2])]
            )
            var end: Date?
            while let slot = try slots.next() {
                let begin = Date(milliseconds: slot[0])
                var count = 0
                while let due = end.flatMap({ schedule.nextFire(after: $0, in: zone) }), due < begin,
                    count < Self.gapLimit
                {
                    audit.addForgotten(due, of: name)
                    end = due
                    count += 1
                }
                end = Date(milliseconds: slot[1])
            }
        }
    }

    /// Reads what a schedule is noted by: its expression and its zone.
    private static func schedule(in text: String) -> (CronSchedule, TimeZone)? {
        guard let space = text.lastIndex(of: " "),
            let zone = TimeZone(identifier: String(text[text.index(after: space)...])),
            let schedule = try? CronSchedule(String(text[..<space]))
        else { return nil }
        return (schedule, zone)
    }
}

extension Audit {
    fileprivate mutating func addForgotten(_ due: Date, of agent: String) {
        slots.total += 1
        let minute = due.isoText.prefix(16).split(separator: "T").joined(separator: " ")
        open.append(OpenRow(kind: "slot", name: "\(agent) \(minute)", problem: "came due, but has no record"))
    }
}
