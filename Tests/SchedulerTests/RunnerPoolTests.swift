import Domain
import Testing

@testable import Scheduler

@Suite("The runners of a project")
struct RunnerPoolTests {
    private func pool(_ scales: [(String, Int)], limit: Int?) throws -> RunnerPool {
        RunnerPool(agents: try scales.map { name, scale in try agent(name) { $0.scale = scale } }, limit: limit)
    }

    @Test("an agent that asks again for what it has keeps what a start gives it")
    func again() throws {
        var pool = try pool([("a", 2), ("b", 1), ("c", 1)], limit: 2)
        let before = pool.scales
        #expect(before.sorted { $0.key < $1.key }.map(\.value) == [2, 1, 1])
        pool.setScale(of: try AgentName("a"), to: 2)
        #expect(pool.scales == before)
        #expect(pool.reductions.isEmpty)
    }

    @Test("what one agent gives back others get, and what one asks for others lose")
    func others() throws {
        var pool = try pool([("a", 3), ("b", 4)], limit: 5)
        let (a, b) = (try AgentName("a"), try AgentName("b"))
        #expect(pool.scales == [a: 3, b: 2])
        #expect(pool.reductions == [.init(agent: b, requested: 4, reduced: 2)])
        pool.setScale(of: a, to: 1)
        #expect(pool.scales == [a: 1, b: 4])
        pool.setScale(of: a, to: nil)
        #expect(pool.scales == [b: 4])
        pool.setScale(of: a, to: 0)
        #expect(pool.idle(a) == 0)
        #expect(pool.idle(b) == 4)
    }
}
