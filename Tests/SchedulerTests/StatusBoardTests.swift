import Domain
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("What the status shows")
struct StatusBoardTests {
    @Test("how an agent's last run ended is known while the next one is at work")
    func lastEnd() throws {
        let (first, second) = (try record(1), try record(2))
        let dev = first.instance.agent
        var board = StatusBoard(agents: [try agent("dev")], scales: [:])
        board.begin(first, label: "manual", at: StoreSamples.at(10))
        board.end(first, with: RunOutcome(state: .killed), at: StoreSamples.at(20))
        board.begin(second, label: "manual", at: StoreSamples.at(20))
        #expect(board.agents[dev]?.state == "running")
        #expect(board.agents[dev]?.lastRunState == .killed)
    }

    @Test("no time is shown for a run that ended before it began, because somebody set the clock back")
    func setBack() throws {
        let record = try record(1)
        #expect(record.milliseconds(until: StoreSamples.at(5)) == 0)
        #expect(StatusBoard.seconds(milliseconds: record.milliseconds(until: StoreSamples.at(5))) == "0.0s")
        #expect(StatusBoard.seconds(milliseconds: 12_345) == "12.3s")
    }

    /// A run that is at work since second 10.
    private func record(_ bits: UInt32) throws -> RunRecord {
        RunRecord(
            instance: InstanceID(agent: try AgentName("dev"), run: RunID(bits: bits)),
            secret: "s",
            trigger: .manual(prompt: nil),
            state: .running,
            itemID: nil,
            rerun: 0,
            configHash: "hash",
            timeout: 900,
            queuedAt: StoreSamples.at(0),
            startedAt: StoreSamples.at(10)
        )
    }
}
