import Domain
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("What the status shows")
struct StatusBoardTests {
    @Test("no time is shown for a run that ended before it began, because somebody set the clock back")
    func setBack() throws {
        let record = RunRecord(
            instance: InstanceID(agent: try AgentName("dev"), run: RunID(bits: 1)),
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
        #expect(record.milliseconds(until: StoreSamples.at(5)) == 0)
        #expect(StatusBoard.seconds(milliseconds: record.milliseconds(until: StoreSamples.at(5))) == "0.0s")
        #expect(StatusBoard.seconds(milliseconds: 12_345) == "12.3s")
    }
}
