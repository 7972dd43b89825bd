import Domain
import Foundation
import Testing

/// Thousands of random expressions, and the days in 2026 on which clocks change, against croniter and cronsim.
///
/// `Scripts/cron-vectors` writes the table and describes it.
@Suite("Cron against independent implementations")
struct CronComparisonTests {
    private struct Row {
        let zone: TimeZone
        let expression: String
        let start: Date
        let fires: [Date]

        init?(_ line: Substring) {
            let cells = line.split(separator: "\t")
            guard cells.count == 7, let zone = TimeZone(identifier: String(cells[1])), let start = Double(cells[3])
            else {
                return nil
            }
            self.zone = zone
            expression = String(cells[2])
            self.start = Date(timeIntervalSince1970: start)
            var time = start
            var fires: [Date] = []
            for gap in cells[4...] {
                guard let seconds = Int(gap, radix: 36) else { return nil }
                time += Double(seconds)
                fires.append(Date(timeIntervalSince1970: time))
            }
            self.fires = fires
        }
    }

    @Test("Every fire that they find is ours, and no other")
    func table() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/cron.tsv")
        let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
        let rows = lines.compactMap(Row.init)
        #expect(rows.count == lines.count)
        #expect(rows.count >= 5000)
        #expect(Set(rows.map(\.zone.identifier)).count == 5)
        var different: [String] = []
        for row in rows {
            let schedule = try CronSchedule(row.expression)
            let fires = schedule.nextFires(row.fires.count, after: row.start, in: row.zone)
            if fires != row.fires {
                different.append(
                    "\(row.expression) in \(row.zone.identifier) after \(row.start): \(fires), not \(row.fires)"
                )
            }
        }
        #expect(different.prefix(10) == [], "\(different.count) of \(rows.count) rows differ")
    }
}
