import Domain
import Foundation
import Testing

@Suite("Cron expressions")
struct CronVectorTests {
    /// First fires in UTC after 2026-01-15T10:00:00Z; fewer than three means there are no more.
    static let vectors: [(String, [String])] = [
        ("*/5 * * * *", ["2026-01-15T10:05:00Z", "2026-01-15T10:10:00Z", "2026-01-15T10:15:00Z"]),
        ("30 */5 * * * *", ["2026-01-15T10:00:30Z", "2026-01-15T10:05:30Z", "2026-01-15T10:10:30Z"]),
        ("0 0 1 * MON", ["2026-01-19T00:00:00Z", "2026-01-26T00:00:00Z", "2026-02-01T00:00:00Z"]),
        ("0 0 1 * +MON", ["2026-06-01T00:00:00Z", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z"]),
        ("0 0 15W * *", ["2026-02-16T00:00:00Z", "2026-03-16T00:00:00Z", "2026-04-15T00:00:00Z"]),
        ("0 0 LW * *", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-31T00:00:00Z"]),
        ("0 0 31W * *", ["2026-01-30T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-29T00:00:00Z"]),
        ("0 0 * * MON#5", ["2026-03-30T00:00:00Z", "2026-06-29T00:00:00Z", "2026-08-31T00:00:00Z"]),
        ("0 0 * * 1#1,3#2", ["2026-02-02T00:00:00Z", "2026-02-11T00:00:00Z", "2026-03-02T00:00:00Z"]),
        ("0 0 L * MON", ["2026-01-19T00:00:00Z", "2026-01-26T00:00:00Z", "2026-01-31T00:00:00Z"]),
        ("0 0 */10 * *", ["2026-01-21T00:00:00Z", "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"]),
        ("0 0 29 2 *", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2036-02-29T00:00:00Z"]),
        ("0 0 0 1 1 * 2030", ["2030-01-01T00:00:00Z"]),
        ("0 0 30 2 *", []),
        ("0 0 31 2 *", []),
        ("0 0 ? * MON", ["2026-01-19T00:00:00Z", "2026-01-26T00:00:00Z", "2026-02-02T00:00:00Z"]),
        ("  0   0 1-7 *  +mon ", ["2026-02-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-04-06T00:00:00Z"]),
        ("0 0 * * FRI-SUN", ["2026-01-16T00:00:00Z", "2026-01-17T00:00:00Z", "2026-01-18T00:00:00Z"]),
        ("0 0 * * FRIL", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-27T00:00:00Z"]),
        ("0 0 * * 5#L", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-27T00:00:00Z"]),
        ("0 0 15,L * *", ["2026-01-31T00:00:00Z", "2026-02-15T00:00:00Z", "2026-02-28T00:00:00Z"]),
        ("0 0 1W 8 *", ["2026-08-03T00:00:00Z", "2027-08-02T00:00:00Z", "2028-08-01T00:00:00Z"]),
        ("@hourly", ["2026-01-15T11:00:00Z", "2026-01-15T12:00:00Z", "2026-01-15T13:00:00Z"]),
        ("@Weekly", ["2026-01-18T00:00:00Z", "2026-01-25T00:00:00Z", "2026-02-01T00:00:00Z"]),
        ("@yearly", ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"]),
        ("0 0 0 1 1 * 2027-2040/5", ["2027-01-01T00:00:00Z", "2032-01-01T00:00:00Z", "2037-01-01T00:00:00Z"]),
        ("2026-02-01T12:00:00Z", ["2026-02-01T12:00:00Z"]),
        ("2026-01-15T10:00:00Z", []),
    ]

    @Test("fires at the times of the table", arguments: vectors)
    func vector(expression: String, expected: [String]) throws {
        let schedule = try CronSchedule(expression)
        let start = try instant("2026-01-15T10:00:00Z")
        #expect(nextFires(of: schedule, after: start, in: .gmt, count: 3) == (try expected.map(instant)))
    }

    @Test(
        "refuses what the dialect does not have",
        arguments: [
            "* * * *", "* * * * * * * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 8",
            "*/0 * * * *", "*/61 * * * *", "1,,2 * * * *", "1-2-3 * * * *", "0 0 * january *", "0 0 * * TUESDAY",
            "0 0 W * *", "0 0 1-5W * *", "0 0 * * MON#6", "a * * * *", "-5 * * * *", "1.5 * * * *", "", "   ",
            "22-2 * * * *", "0 0 * * FRI-MON", "5/15 * * * *", "/15 * * * *", "0 0 L-3 * *", "0 0 * * L", "0 0 * * +",
            "@reboot", "@often", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00", "12:30", "0 0 * * MON#0",
            "1/2/3 * * * *",
        ]
    )
    func refuses(_ expression: String) {
        #expect(throws: CronError.self) { try CronSchedule(expression) }
    }

    @Test("an error names the field")
    func errorField() {
        let error = #expect(throws: CronError.self) { try CronSchedule("0 24 * * *") }
        #expect(error?.field == "hour")
        #expect(error?.text == "24")
    }

    @Test("a date-time is known as a one-off")
    func oneOff() throws {
        #expect(try CronSchedule("2026-02-01T12:00:00").isOneOff)
        #expect(try CronSchedule("0 0 * * *").isOneOff == false)
    }
}

/// Reads a time such as `2026-01-15T10:00:00Z` or `…+01:00`.
func instant(_ text: String) throws -> Date {
    try Date(text, strategy: .iso8601)
}

/// The next fires of a schedule, one after the other.
func nextFires(of schedule: CronSchedule, after start: Date, in zone: TimeZone, count: Int) -> [Date] {
    var result: [Date] = []
    while result.count < count, let next = schedule.nextFire(after: result.last ?? start, in: zone) {
        result.append(next)
    }
    return result
}
