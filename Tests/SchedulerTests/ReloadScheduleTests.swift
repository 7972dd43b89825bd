import Testing

@testable import Scheduler

@Suite("When agents are read again")
struct ReloadScheduleTests {
    private func ms(_ count: Int) -> Duration { .milliseconds(count) }

    @Test("an agent is read half a second after the last of its changes")
    func quiet() {
        var schedule = ReloadSchedule()
        schedule.noteChange(of: "a", at: ms(0))
        schedule.noteChange(of: "a", at: ms(300))
        schedule.noteChange(of: "b", at: ms(100))
        #expect(schedule.next == ms(600))
        #expect(schedule.takeDue(at: ms(599)).isEmpty)
        #expect(schedule.takeDue(at: ms(600)) == ["b"])
        #expect(schedule.next == ms(800))
        #expect(schedule.takeDue(at: ms(800)) == ["a"])
        #expect(schedule.next == nil)
    }

    @Test("changes during a pass cause exactly one more, when they have come to rest and the pass is over")
    func onceMore() {
        var schedule = ReloadSchedule()
        schedule.noteChange(of: "a", at: ms(0))
        #expect(schedule.takeDue(at: ms(500)) == ["a"])
        for time in [600, 700, 800] { schedule.noteChange(of: "a", at: ms(time)) }
        #expect(schedule.takeDue(at: ms(5000)).isEmpty)
        schedule.finish("a")
        #expect(schedule.next == ms(1300))
        #expect(schedule.takeDue(at: ms(5000)) == ["a"])
        schedule.finish("a")
        #expect(schedule.next == nil)
        #expect(schedule.takeDue(at: ms(9000)).isEmpty)
    }

    @Test("what was refused is read again half a minute later, or when it changes, and holds nothing back meanwhile")
    func secondLook() {
        var schedule = ReloadSchedule()
        schedule.noteChange(of: "a", at: ms(0))
        #expect(schedule.takeDue(at: ms(500)) == ["a"])
        schedule.finish("a")
        schedule.lookAgain(at: "a", from: ms(500))
        #expect(schedule.next == ms(30_500))
        #expect(!schedule.isUnsettled("a", at: ms(600)))
        schedule.noteChange(of: "a", at: ms(1000))
        #expect(schedule.takeDue(at: ms(1500)) == ["a"])
        schedule.noteChange(of: "a", at: ms(1600))
        schedule.finish("a")
        schedule.lookAgain(at: "a", from: ms(1700))
        #expect(schedule.next == ms(2100))
    }

    @Test("other agents do not wait for a pass")
    func apart() {
        var schedule = ReloadSchedule()
        schedule.noteChange(of: "a", at: ms(0))
        _ = schedule.takeDue(at: ms(500))
        schedule.noteChange(of: "b", at: ms(500))
        #expect(schedule.takeDue(at: ms(1000)) == ["b"])
    }

    @Test("an agent is unsettled from its first change until it was read, and for five seconds at most")
    func unsettled() {
        var schedule = ReloadSchedule()
        #expect(!schedule.isUnsettled("a", at: ms(0)))
        schedule.noteChange(of: "a", at: ms(0))
        #expect(schedule.isUnsettled("a", at: ms(400)))
        #expect(!schedule.isUnsettled("b", at: ms(400)))
        #expect(schedule.takeDue(at: ms(500)) == ["a"])
        #expect(schedule.isUnsettled("a", at: ms(600)))
        schedule.noteRead("a")
        #expect(!schedule.isUnsettled("a", at: ms(600)))
        schedule.noteChange(of: "a", at: ms(700))
        schedule.finish("a")
        #expect(schedule.isUnsettled("a", at: ms(800)))
        for time in stride(from: 800, through: 5600, by: 400) { schedule.noteChange(of: "a", at: ms(time)) }
        #expect(schedule.isUnsettled("a", at: ms(5699)))
        #expect(!schedule.isUnsettled("a", at: ms(5700)))
    }

    @Test("glances that miss a directory hold for five seconds together, whatever is read, until something changes")
    func missing() {
        var schedule = ReloadSchedule()
        func glance(_ isPresent: Bool, at time: Int) -> Bool {
            schedule.noteGlance(of: "a", isPresent: isPresent, at: ms(time))
        }
        for time in stride(from: 0, through: 4800, by: 600) {
            #expect(glance(false, at: time))
            #expect(!glance(false, at: time + 1))
            #expect(schedule.takeDue(at: ms(time + 500)) == ["a"])
            #expect(schedule.isUnsettled("a", at: ms(time + 500)) == (time + 500 < 5000))
            schedule.finish("a")
        }
        #expect(!glance(false, at: 5400))
        #expect(schedule.next == nil && !schedule.isUnsettled("a", at: ms(5400)))
        schedule.noteChange(of: "a", at: ms(6000))
        #expect(schedule.takeDue(at: ms(6500)) == ["a"])
        schedule.finish("a")
        #expect(glance(false, at: 6600))
        #expect(!glance(true, at: 6700))
        #expect(schedule.takeDue(at: ms(7100)) == ["a"])
        schedule.finish("a")
        #expect(glance(false, at: 12_000) && schedule.isUnsettled("a", at: ms(16_999)))
    }
}
