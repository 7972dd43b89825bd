import Domain
import Foundation
import Testing

@Suite("Cron and clock changes")
struct CronClockChangeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let zone: String
        let expression: String
        let after: String
        let fires: [String]
        var testDescription: String { "\(expression) in \(zone) after \(after)" }
    }

    static let cases: [Case] = [
        // Berlin: 2026-03-29 02:00 → 03:00 at 01:00Z; 2026-10-25 03:00 → 02:00 at 01:00Z.
        Case(
            zone: "Europe/Berlin",
            expression: "30 2 * * *",
            after: "2026-03-28T12:00:00Z",
            fires: ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
        ),
        Case(
            zone: "Europe/Berlin",
            expression: "30 2 * * *",
            after: "2026-10-24T12:00:00Z",
            fires: ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        ),
        Case(
            zone: "Europe/Berlin",
            expression: "*/20 2 * * *",
            after: "2026-03-29T00:00:00Z",
            fires: ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]
        ),
        Case(
            zone: "Europe/Berlin",
            expression: "*/30 * * * *",
            after: "2026-03-29T00:20:00Z",
            fires: ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"]
        ),
        Case(
            zone: "Europe/Berlin",
            expression: "*/30 * * * *",
            after: "2026-10-25T00:00:00Z",
            fires: ["2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"]
        ),
        Case(
            zone: "Europe/Berlin",
            expression: "0,30 1-3 * * *",
            after: "2026-10-25T00:30:00Z",
            fires: ["2026-10-25T02:00:00Z", "2026-10-25T02:30:00Z", "2026-10-26T00:00:00Z"]
        ),
        Case(
            zone: "Europe/Berlin",
            expression: "0 0 * * *",
            after: "2026-03-28T22:59:59Z",
            fires: ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"]
        ),
        Case(
            zone: "Europe/Berlin",
            expression: "2026-03-29T02:30:00",
            after: "2026-03-28T12:00:00Z",
            fires: ["2026-03-29T01:00:00Z"]
        ),
        // New York: 2026-03-08 at 07:00Z forward; 2026-11-01 at 06:00Z back.
        Case(
            zone: "America/New_York",
            expression: "30 2 * * *",
            after: "2026-03-08T00:00:00Z",
            fires: ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]
        ),
        Case(
            zone: "America/New_York",
            expression: "30 1 * * *",
            after: "2026-11-01T00:00:00Z",
            fires: ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]
        ),
        Case(
            zone: "America/New_York",
            expression: "*/30 * * * *",
            after: "2026-11-01T05:30:00Z",
            fires: ["2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"]
        ),
        // Lord Howe moves by half an hour: 2026-04-05 02:00 → 01:30 at 15:00Z of the 4th; 2026-10-04 02:00 → 02:30 at
        // 15:30Z.
        Case(
            zone: "Australia/Lord_Howe",
            expression: "*/30 * * * *",
            after: "2026-04-04T14:00:00Z",
            fires: ["2026-04-04T14:30:00Z", "2026-04-04T15:00:00Z", "2026-04-04T15:30:00Z"]
        ),
        Case(
            zone: "Australia/Lord_Howe",
            expression: "15 2 * * *",
            after: "2026-10-03T12:00:00Z",
            fires: ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"]
        ),
        // Santiago changes at midnight: 2026-09-06 00:00 → 01:00 at 04:00Z; 2026-04-05 00:00 → 23:00 of the 4th at
        // 03:00Z.
        Case(
            zone: "America/Santiago",
            expression: "0 0 * * *",
            after: "2026-09-05T12:00:00Z",
            fires: ["2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"]
        ),
        Case(
            zone: "America/Santiago",
            expression: "30 23 * * *",
            after: "2026-04-04T12:00:00Z",
            fires: ["2026-04-05T02:30:00Z", "2026-04-06T03:30:00Z"]
        ),
    ]

    @Test("fires once for lost and repeated times, in both passes for polling", arguments: cases)
    func change(_ sample: Case) throws {
        let zone = try #require(TimeZone(identifier: sample.zone))
        let schedule = try CronSchedule(sample.expression)
        let found = schedule.nextFires(sample.fires.count, after: try instant(sample.after), in: zone)
        #expect(found == (try sample.fires.map(instant)))
    }
}
