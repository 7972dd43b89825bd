import AgentCommands
import Domain
import Foundation
import Testing

@testable import AgentRun

@Suite("The end of a run")
struct EndOfRunTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var end: WorkEnd
        var exit: Int32?
        var rerun = false
        var shutdown: String?
        var code: Int32
        var testDescription: String { "\(end) exit \(exit.map(String.init) ?? "-") rerun \(rerun) → \(code)" }
    }

    @Test(
        "Precedence: what went wrong, then shutdown, then the exit signal, then the rerun",
        arguments: [
            Case(end: .finished, code: 0),
            Case(end: .finished, rerun: true, code: 42),
            Case(end: .finished, exit: 13, rerun: true, code: 13),
            Case(end: .finished, exit: 0, rerun: true, code: 0),
            Case(end: .finished, exit: 13, rerun: true, shutdown: "leak", code: 15),
            Case(end: .budgetSpent(reason: "x"), exit: 13, rerun: true, shutdown: "leak", code: 17),
            Case(end: .modelFailure(code: 12, reason: "x"), exit: 0, shutdown: "leak", code: 12),
            Case(end: .modelFailure(code: 1, reason: "x"), rerun: true, code: 1),
            Case(end: .guardAbort, exit: 0, rerun: true, code: 1),
            Case(end: .timeout, exit: 0, rerun: true, code: 124),
            Case(end: .terminated(signal: 15), rerun: true, code: 143),
            Case(end: .terminated(signal: 2), code: 130),
            Case(end: .setupFailure(reason: "x"), rerun: true, code: 1),
            Case(end: .script(code: 7), rerun: true, code: 7),
            Case(end: .script(code: 0), rerun: true, code: 42),
        ]
    )
    func precedence(_ test: Case) {
        var signals = RunSignals()
        signals.exitCode = test.exit
        signals.wantsRerun = test.rerun
        signals.shutdownReason = test.shutdown
        let end = EndOfRun(test.end, signals: signals)
        #expect(end.code == test.code)
        #expect(end.outcome == (test.code == 0 ? "completed" : test.code == 42 ? "rerun" : "error"))
        #expect((end.reason == nil) == (test.code == 0 || test.code == 42))
    }

    @Test(
        "Exit signals that are reserved or senseless are ignored with a warning",
        arguments: ["42", "124", "256", "abc", ""]
    )
    func ignoredExit(_ content: String) throws {
        let directory = try Self.directory()
        defer { try? FileManager.default.removeItem(atPath: directory.path) }
        try directory.write(.exit, Array(content.utf8))
        let signals = RunSignals(directory)
        #expect(signals.exitCode == nil)
        #expect(signals.warnings.count == 1)
        #expect(!RunSignals.asksToStop(directory))
    }

    @Test("Exit and shutdown ask to stop; rerun, status and return do not")
    func stop() throws {
        for (signal, stops) in [
            (SignalDirectory.Signal.exit, true), (.shutdown, true), (.rerun, false), (.status, false),
            (.returnValue, false),
        ] {
            let directory = try Self.directory()
            defer { try? FileManager.default.removeItem(atPath: directory.path) }
            #expect(!RunSignals.asksToStop(directory))
            try directory.write(signal, Array("15\n".utf8))
            #expect(RunSignals.asksToStop(directory) == stops, "\(signal)")
        }
    }

    @Test("A return value is trimmed, and cut at 1 MiB")
    func returnValue() throws {
        let directory = try Self.directory()
        defer { try? FileManager.default.removeItem(atPath: directory.path) }
        try directory.write(.returnValue, Array(" \n value\ttwo \n".utf8))
        #expect(RunSignals(directory).returnValue == "value\ttwo")
        try directory.write(.returnValue, [UInt8](repeating: 0x61, count: (1 << 20) + 5))
        let long = RunSignals(directory)
        #expect(long.returnValue?.utf8.count == 1 << 20)
        #expect(long.warnings.count == 1)
    }

    private static func directory() throws -> SignalDirectory {
        let directory = SignalDirectory(path: NSTemporaryDirectory() + "al-signals-\(UUID().uuidString)")
        try directory.create()
        return directory
    }
}
