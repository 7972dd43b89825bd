import Domain
import Foundation
import Storage
import Testing

@testable import Scheduler

@Suite("The heap of next fires")
struct SlotClockTests {
    private let start = Date(timeIntervalSince1970: 0)

    @Test("slots come out when they fire, the earliest first, agents by name")
    func order() throws {
        var clock = SlotClock()
        for (name, seconds) in [("c", 5.0), ("b", 10), ("a", 10), ("d", 20)] {
            clock.set(try AgentName(name), due: start + seconds - 1, fireAt: start + seconds)
        }
        #expect(clock.earliest() == start + 5)
        #expect(clock.takeDue(at: start + 4, limit: 9).isEmpty)
        let due = clock.takeDue(at: start + 10, limit: 9)
        #expect(due.map(\.agent.rawValue) == ["c", "a", "b"])
        #expect(due.map(\.due) == [start + 4, start + 9, start + 9])
        #expect(clock.count == 1)
        #expect(clock.earliest() == start + 20)
    }

    @Test("an agent waits for one slot only: the one set last")
    func replaced() throws {
        var clock = SlotClock()
        let agent = try AgentName("a")
        clock.set(agent, due: start + 1, fireAt: start + 1)
        clock.set(agent, due: start + 9, fireAt: start + 9)
        #expect(clock.nextFire(of: agent) == start + 9)
        #expect(clock.takeDue(at: start + 5, limit: 9).isEmpty)
        clock.remove(agent)
        #expect(clock.earliest() == nil)
        #expect(clock.takeDue(at: start + 99, limit: 9).isEmpty)
    }

    @Test("no more come out than were asked for")
    func limit() throws {
        var clock = SlotClock()
        for number in 0..<10 { clock.set(try AgentName("a\(number)"), due: start, fireAt: start) }
        #expect(clock.takeDue(at: start, limit: 4).count == 4)
        #expect(clock.takeDue(at: start, limit: 9).count == 6)
    }
}

@Suite("Slots that passed")
struct PassedSlotsTests {
    private let start = Date(timeIntervalSince1970: 0)

    private func passed(_ seconds: Double, lateBefore: Double, every step: Double = 1) -> PassedSlots {
        PassedSlots(after: start, upTo: start + seconds, lateBefore: start + lateBefore) { time in
            Date(timeIntervalSince1970: (time.timeIntervalSince1970 / step).rounded(.down) * step + step)
        }
    }

    @Test("slots before the limit are late, the others may fire")
    func sorted() {
        let slots = passed(10, lateBefore: 8)
        #expect(slots.late.map(\.timeIntervalSince1970) == [1, 2, 3, 4, 5, 6, 7])
        #expect(slots.onTime.map(\.timeIntervalSince1970) == [8, 9, 10])
        #expect(slots.count == 10)
        #expect(slots.newest == start + 10)
        #expect(passed(0.5, lateBefore: 9).count == 0)
        #expect(passed(0.5, lateBefore: 9).newest == nil)
    }

    @Test(
        "up to a thousand missed slots have a row each, more of them one",
        arguments: [(1, 1), (999, 999), (1000, 1000), (1001, 1), (5000, 1)]
    )
    func rows(count: Int, rows: Int) throws {
        let agent = try AgentName("a")
        let missed = passed(Double(count), lateBefore: 1e9).missed(of: agent)
        #expect(missed.count == rows)
        #expect(missed.last?.due == start + Double(count))
        guard rows == 1, count > 1 else { return }
        #expect(missed.first?.end == .missedMany(first: start + 1, count: count))
    }

    @Test(
        "the newest is left out for the run that makes up for all",
        arguments: [(1, 0), (3, 2), (1001, 1000), (1002, 1), (2000, 1)]
    )
    func sparing(count: Int, rows: Int) throws {
        let slots = passed(Double(count), lateBefore: 1e9)
        let newest = try #require(slots.newest)
        let missed = slots.missed(of: try AgentName("a"), sparing: newest)
        #expect(missed.count == rows)
        #expect(!missed.contains { $0.due == newest })
        guard count > 1001 else { return }
        #expect(missed.first?.end == .missedMany(first: start + 1, count: count - 1))
        #expect(missed.first?.due == start + Double(count - 1))
    }

    @Test("slots that are on time are missed too when a newer one makes up for them")
    func sparingOnTime() throws {
        let slots = passed(4, lateBefore: 3)
        let missed = slots.missed(of: try AgentName("a"), sparing: slots.newest)
        #expect(missed.map(\.due) == [start + 1, start + 2, start + 3])
        #expect(slots.missed(of: try AgentName("a")).map(\.due) == [start + 1, start + 2])
    }

    @Test("a year of seconds is not counted one by one, and the newest is still the newest")
    func bounded() throws {
        let year = 365.0 * 86_400
        let slots = passed(year, lateBefore: year - 60)
        #expect(slots.count >= PassedSlots.countLimit)
        #expect(slots.newest == start + year)
        #expect(slots.onTime.count == 61)
        let row = try #require(slots.missed(of: try AgentName("a")).first)
        #expect(row.due == start + year - 61)
        guard case .missedMany(let first, _) = row.end else { return #expect(Bool(false), "\(row.end)") }
        #expect(first == start + 1)
    }

    @Test("of any number of late slots the newest is the last whose time has come", arguments: [9_999, 10_001, 60_000])
    func allLate(count: Int) throws {
        let slots = PassedSlots(after: start, upTo: start + Double(count) + 0.5, lateBefore: .distantFuture) { time in
            Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down) + 1)
        }
        #expect(slots.newest == start + Double(count))
        #expect(slots.onTime.isEmpty)
        let row = try #require(slots.missed(of: try AgentName("a")).first)
        #expect(row.due == start + Double(count))
    }
}
