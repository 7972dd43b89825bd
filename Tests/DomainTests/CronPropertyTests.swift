import Domain
import Foundation
import TestSupport
import Testing

@Suite("Cron against a slow matcher")
struct CronPropertyTests {
    @Test("the next fire is the first matching minute that stepping through all of them finds")
    func bruteForce() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        for _ in 0..<200 {
            let sample = Sample(using: &random)
            let start = Date(timeIntervalSince1970: Double(Int.random(in: 0..<3_000_000_000, using: &random)))
            let fast = try CronSchedule(sample.expression).nextFire(after: start, in: .gmt)
            let slow = sample.firstMatch(after: start)
            guard let slow else { continue }
            #expect(fast == slow, "\(sample.expression) after \(start), seed \(seed)")
        }
    }

    /// An expression of plain lists together with its meaning.
    private struct Sample {
        let minutes: Set<Int>
        let hours: Set<Int>
        let days: Set<Int>?
        let weekdays: Set<Int>?

        init(using random: inout SeededGenerator) {
            func pick(_ range: ClosedRange<Int>) -> Set<Int> {
                Set((0..<3).map { _ in Int.random(in: range, using: &random) })
            }
            minutes = pick(0...59)
            hours = pick(0...23)
            days = Bool.random(using: &random) ? pick(1...28) : nil
            weekdays = Bool.random(using: &random) ? pick(0...6) : nil
        }

        var expression: String {
            func list(_ values: Set<Int>?) -> String { values?.sorted().map(String.init).joined(separator: ",") ?? "*" }
            return "\(list(minutes)) \(list(hours)) \(list(days)) * \(list(weekdays))"
        }

        /// Steps through the minutes of 40 days.
        func firstMatch(after start: Date) -> Date? {
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = .gmt
            let first = Int(start.timeIntervalSince1970) / 60 + 1
            for minute in first..<(first + 40 * 1440) where minutes.contains(minute % 60) {
                guard hours.contains(minute / 60 % 24) else { continue }
                let date = Date(timeIntervalSince1970: Double(minute * 60))
                let parts = calendar.dateComponents([.day, .weekday], from: date)
                let day = days.map { $0.contains(parts.day ?? 0) }
                let weekday = weekdays.map { $0.contains((parts.weekday ?? 0) - 1) }
                switch (day, weekday) {
                case (let day?, let weekday?): if day || weekday { return date }
                case (let only?, nil), (nil, let only?): if only { return date }
                case (nil, nil): return date
                }
            }
            return nil
        }
    }
}
