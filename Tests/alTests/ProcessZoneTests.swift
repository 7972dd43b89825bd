import Foundation
import Testing

@testable import al

@Suite("The zone of a process")
struct ProcessZoneTests {
    @Test(
        "TZ names a zone as it is, after a colon, or by the file of the zone",
        arguments: ["Europe/Berlin", ":Europe/Berlin", "/usr/share/zoneinfo/Europe/Berlin"]
    )
    func named(text: String) {
        let found = ProcessZone(["TZ": text])
        #expect(found.zone.identifier == "Europe/Berlin")
        #expect(found.warning == nil)
    }

    @Test(
        "What names no zone counts in UTC and is told",
        arguments: ["Nope/Zone", "CET-1CEST", "GMT+2", "/nowhere", ":"]
    )
    func unknown(text: String) {
        let found = ProcessZone(["TZ": text])
        #expect(found.zone.secondsFromGMT() == 0)
        #expect(found.warning?.hasPrefix("TZ is \"\(text)\", which names no time zone") == true)
    }

    @Test("UTC is a zone, and without TZ it is the system's", arguments: [["TZ": "UTC"], ["TZ": ""], [:]])
    func plain(variables: [String: String]) {
        #expect(ProcessZone(variables).warning == nil)
    }
}
