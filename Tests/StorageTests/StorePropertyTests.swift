import Domain
import Storage
import TestSupport
import Testing

@Suite("Store under random operations")
struct StorePropertyTests {
    @Test("no item is lost or doubled, queues stay in order, locks have one holder each")
    func invariants() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await withTemporaryStore { store in
            var history = RandomHistory(store: store, seed: seed)
            for step in 1...300 {
                try await history.step(at: Double(step))
                if step.isMultiple(of: 10) { try await history.check(at: Double(step)) }
            }
        }
    }
}

/// Random operations on a store next to a model of what must come of them.
private struct RandomHistory {
    let store: SQLiteStore
    let seed: UInt64
    var random: SeededGenerator
    let agents = ["dev", "ops"]
    let limit = 5
    var waiting: [String: [String]] = [:]
    var items: [InstanceID: String] = [:]
    var (accepted, dropped, claims) = (0, 0, 0)
    var finished = 0

    init(store: SQLiteStore, seed: UInt64) {
        self.store = store
        self.seed = seed
        random = SeededGenerator(state: seed)
    }

    mutating func step(at seconds: Double) async throws {
        let agent = agents[Int.random(in: 0..<agents.count, using: &random)]
        switch Int.random(in: 0..<8, using: &random) {
        case 0...2: try await enqueue(agent, at: seconds)
        case 3, 4: try await claim(agent, at: seconds)
        case 5: try await finish(at: seconds, putBack: false)
        case 6: try await finish(at: seconds, putBack: true)
        default: try await lock(at: seconds)
        }
    }

    private mutating func enqueue(_ agent: String, at seconds: Double) async throws {
        accepted += 1
        let item = try StoreSamples.item(agent, "i\(accepted)", at: seconds, limit: limit)
        waiting[agent, default: []].append(item.id)
        let result = try await store.enqueue(item)
        guard waiting[agent, default: []].count > limit else {
            #expect(result.dropped == nil, "seed \(seed)")
            return
        }
        dropped += 1
        #expect(result.dropped?.id == waiting[agent]?.removeFirst(), "seed \(seed)")
    }

    private mutating func claim(_ agent: String, at seconds: Double) async throws {
        claims += 1
        let new = try StoreSamples.run(agent, claims, at: seconds)
        let run = try await store.claimNext(of: new.instance.agent, as: new, rule: .any).run
        let expected = waiting[agent, default: []].first
        #expect(run?.itemID == expected, "seed \(seed)")
        guard let expected else { return }
        waiting[agent]?.removeFirst()
        items[new.instance] = expected
    }

    private mutating func finish(at seconds: Double, putBack: Bool) async throws {
        guard let (instance, item) = items.sorted(by: { $0.key < $1.key }).randomElement(using: &random) else { return }
        items[instance] = nil
        guard putBack else {
            finished += 1
            _ = try await store.end(instance.run, with: .init(state: .succeeded), at: StoreSamples.at(seconds))
            return
        }
        try await store.requeue(instance.run, endingAs: .lost, reason: "test", at: StoreSamples.at(seconds))
        // Items are numbered in the order they came, and that is the order they wait in.
        let name = instance.agent.rawValue
        waiting[name] = (waiting[name, default: []] + [item]).sorted {
            $0.count == $1.count ? $0 < $1 : $0.count < $1.count
        }
    }

    private mutating func lock(at seconds: Double) async throws {
        guard let holder = items.keys.sorted().randomElement(using: &random) else { return }
        let key = "key-\(Int.random(in: 0..<3, using: &random))"
        _ = try await store.acquireLock(key, holder: holder, ttl: .seconds(20), at: StoreSamples.at(seconds))
    }

    func check(at seconds: Double) async throws {
        for agent in agents {
            let found = try await store.waitingItems(of: try StoreSamples.agent(agent)).map(\.id)
            #expect(found == waiting[agent, default: []], "seed \(seed)")
        }
        let depths = try await store.queueDepths()
        let expected = waiting.filter { !$0.value.isEmpty }.mapValues(\.count)
        let found = Dictionary(uniqueKeysWithValues: depths.map { ($0.key.rawValue, $0.value) })
        #expect(found == expected, "seed \(seed)")
        let open = try await store.openRuns()
        #expect(Set(open.map(\.instance)) == Set(items.keys), "seed \(seed)")
        #expect(accepted == depths.values.reduce(0, +) + open.count + finished + dropped, "seed \(seed)")
        let locks = try await store.locks(of: nil, at: StoreSamples.at(seconds))
        #expect(Set(locks.map(\.key)).count == locks.count, "seed \(seed)")
        #expect(Set(locks.map(\.holder)).count == locks.count, "seed \(seed)")
        #expect(Set(locks.map(\.holder)).isSubset(of: items.keys), "seed \(seed)")
    }
}
