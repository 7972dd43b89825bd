import Domain
import FoundationEssentials
import HeapModule

/// The next fire of every schedule, the earliest first.
struct SlotClock {
    /// A slot that waits for its time.
    struct Entry: Comparable, Hashable {
        var agent: AgentName
        var due: Date
        /// The due time plus the agent's jitter.
        var fireAt: Date
        /// Tells an entry that counts from one that was replaced.
        fileprivate var version: Int

        static func < (left: Entry, right: Entry) -> Bool {
            (left.fireAt, left.agent) < (right.fireAt, right.agent)
        }
    }

    private var heap = Heap<Entry>()
    private var current: [AgentName: Entry] = [:]
    private var version = 0

    /// Schedules that will fire again.
    var count: Int { current.count }

    /// Waits for this slot of the agent instead of what it waited for before.
    mutating func set(_ agent: AgentName, due: Date, fireAt: Date) {
        version += 1
        let entry = Entry(agent: agent, due: due, fireAt: fireAt, version: version)
        current[agent] = entry
        heap.insert(entry)
    }

    /// Waits for no slot of the agent any more; returns the one that it waited for.
    @discardableResult
    mutating func remove(_ agent: AgentName) -> Entry? { current.removeValue(forKey: agent) }

    func nextFire(of agent: AgentName) -> Date? { current[agent]?.fireAt }

    /// When the next slot fires; `nil` when none will.
    mutating func earliest() -> Date? {
        dropReplaced()
        return heap.min?.fireAt
    }

    /// Takes out the slots whose time has come, in order; their agents wait for nothing until set again.
    mutating func takeDue(at now: Date, limit: Int) -> [Entry] {
        var due: [Entry] = []
        while due.count < limit, let next = earliest(), next <= now {
            let entry = heap.removeMin()
            current[entry.agent] = nil
            due.append(entry)
        }
        return due
    }

    private mutating func dropReplaced() {
        while let first = heap.min, current[first.agent]?.version != first.version { heap.removeMin() }
    }
}
