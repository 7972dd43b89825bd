import Testing

@testable import Scheduler

@Suite("What the status shows")
struct StatusBoardTests {
    @Test("no time is shown for a run that ended before it began, because somebody set the clock back")
    func setBack() {
        #expect(StatusBoard.seconds(milliseconds: -3500) == "0.0s")
        #expect(StatusBoard.seconds(milliseconds: 12_345) == "12.3s")
    }
}
