import Domain
import Testing

@Suite("Lines of /proc/<pid>/stat") struct ProcessStatTests {
    @Test("Names with blanks and parentheses do not confuse the reading of /proc")
    func names() throws {
        let line = "42 (a) b) S 7 41 40 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 9876 1 1\n"
        let stat = try #require(ProcessStat(line: Array(line.utf8)))
        #expect(stat.pid == 42 && !stat.hasEnded && stat.parent == 7 && stat.group == 41)
        #expect(stat.session == 40 && stat.startTime == 9876)
    }

    @Test("A process that waits to be reaped has ended", arguments: [("Z", true), ("X", true), ("D", false)])
    func state(letter: String, hasEnded: Bool) {
        let line = "42 (a) \(letter) 7 41 40 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 9876 1 1\n"
        #expect(ProcessStat(line: Array(line.utf8))?.hasEnded == hasEnded)
    }

    @Test(
        "What is no such line is not read",
        arguments: ["", "garbage", ")(", "42 (a)", "42 (a) S 7 41 40 0", "x (a) S"]
    )
    func garbage(line: String) {
        #expect(ProcessStat(line: Array(line.utf8)) == nil)
    }
}
