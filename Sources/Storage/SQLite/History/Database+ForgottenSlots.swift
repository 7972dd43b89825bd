import Domain
import FoundationEssentials
import GRDB

extension Database {
    /// Most forgotten slots that are counted, as of all that an audit lists.
    private static let forgottenLimit = 100

    /// Finds slots of today's schedules that came due between two others and have no row.
    ///
    /// Those before an agent's first row are not looked for: rows are deleted when they are old.
    func auditForgottenSlots(since: Int64, into audit: inout Audit) throws {
        var forgotten = 0
        for row in try rows("SELECT agent, text, since FROM schedules ORDER BY agent") {
            let name: String = row[0]
            // What is no schedule any more, such as one of an older dialect, says nothing about slots.
            guard let (schedule, zone) = Self.schedule(in: row[1]) else { continue }
            let gaps = try Row.fetchCursor(
                try cachedStatement(
                    sql: """
                        SELECT "end", "begin" FROM (
                            SELECT lag(due_at) OVER (ORDER BY due_at) AS "end", coalesce(first_due_at, due_at) AS "begin"
                            FROM slots WHERE agent = ? AND due_at >= ?)
                        WHERE "begin" - "end" > ? ORDER BY "end"
                        """
                ),
                arguments: [name, max(since, row[2]), schedule.shortestGap]
            )
            while let gap = try gaps.next() {
                var end = Date(milliseconds: gap[0])
                let begin = Date(milliseconds: gap[1])
                while let due = schedule.nextFire(after: end, in: zone), due < begin {
                    guard forgotten < Self.forgottenLimit else { return }
                    audit.addForgotten(due, of: name)
                    forgotten += 1
                    end = due
                }
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

extension CronSchedule {
    /// Milliseconds that are at least between two fires: without a field for seconds they fall on whole minutes.
    ///
    /// Most slots follow each other so closely that nothing can have come due between them, and need not be looked at.
    fileprivate var shortestGap: Int { expression.split(separator: " ").count > 5 ? 1000 : 60_000 }
}

extension Audit {
    fileprivate mutating func addForgotten(_ due: Date, of agent: String) {
        slots.total += 1
        let minute = due.isoText.prefix(16).split(separator: "T").joined(separator: " ")
        open.append(OpenRow(kind: "slot", name: "\(agent) \(minute)", problem: "came due, but has no record"))
    }
}
