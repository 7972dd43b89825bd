import Domain
import Storage
import Testing

extension StoreConformance {
    static let locks: [StoreConformance] = [
        StoreConformance("a lock has one holder until its time is over") { store in
            let (one, two) = (try StoreSamples.instance("dev", 1), try StoreSamples.instance("dev", 2))
            let taken = try await store.acquireLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(0))
            #expect(taken == .ok(expiresAt: StoreSamples.at(60)))
            let refused = try await store.acquireLock("a", holder: two, ttl: .seconds(60), at: StoreSamples.at(59))
            #expect(refused == .heldByOther(one, since: StoreSamples.at(0)))
            let late = try await store.acquireLock("a", holder: two, ttl: .seconds(60), at: StoreSamples.at(60))
            #expect(late == .ok(expiresAt: StoreSamples.at(120)))
            #expect(try await store.locks(of: nil, at: StoreSamples.at(60)).map(\.holder) == [two])
        },
        StoreConformance("taking a lock again renews it and keeps since when it is held") { store in
            let one = try StoreSamples.instance("dev", 1)
            _ = try await store.acquireLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(0))
            let again = try await store.acquireLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(30))
            #expect(again == .ok(expiresAt: StoreSamples.at(90)))
            let expected = LockRecord(
                key: "a",
                holder: one,
                heldSince: StoreSamples.at(0),
                expiresAt: StoreSamples.at(90)
            )
            #expect(try await store.locks(of: one, at: StoreSamples.at(31)) == [expected])
        },
        StoreConformance("a holder has one live lock at a time") { store in
            let one = try StoreSamples.instance("dev", 1)
            _ = try await store.acquireLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(0))
            let second = try await store.acquireLock("b", holder: one, ttl: .seconds(60), at: StoreSamples.at(1))
            #expect(second == .holdsAnother(key: "a"))
            let later = try await store.acquireLock("b", holder: one, ttl: .seconds(60), at: StoreSamples.at(61))
            #expect(later == .ok(expiresAt: StoreSamples.at(121)))
        },
        StoreConformance("a heartbeat or release needs the lock to be alive and one's own") { store in
            let (one, two) = (try StoreSamples.instance("dev", 1), try StoreSamples.instance("dev", 2))
            #expect(try await store.releaseLock("a", holder: one, at: StoreSamples.at(0)) == .notFound)
            _ = try await store.acquireLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(0))
            let theirs = LockAnswer.heldByOther(one, since: StoreSamples.at(0))
            #expect(try await store.heartbeatLock("a", holder: two, ttl: .seconds(9), at: StoreSamples.at(1)) == theirs)
            #expect(try await store.releaseLock("a", holder: two, at: StoreSamples.at(1)) == theirs)
            let beat = try await store.heartbeatLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(50))
            #expect(beat == .ok(expiresAt: StoreSamples.at(110)))
            let late = try await store.heartbeatLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(110))
            #expect(late == .notFound)
            _ = try await store.acquireLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(111))
            #expect(
                try await store.releaseLock("a", holder: one, at: StoreSamples.at(112))
                    == .ok(expiresAt: StoreSamples.at(171))
            )
            #expect(try await store.locks(of: nil, at: StoreSamples.at(112)).isEmpty)
        },
        StoreConformance("the end of a run frees its locks and no others") { store in
            let (one, two) = (try StoreSamples.instance("dev", 1), try StoreSamples.instance("dev", 2))
            _ = try await store.startDirect(try StoreSamples.run("dev", 1))
            _ = try await store.acquireLock("a", holder: one, ttl: .seconds(60), at: StoreSamples.at(0))
            _ = try await store.acquireLock("b", holder: two, ttl: .seconds(60), at: StoreSamples.at(0))
            _ = try await store.end(one.run, with: .init(state: .killed), at: StoreSamples.at(1))
            #expect(try await store.locks(of: nil, at: StoreSamples.at(1)).map(\.key) == ["b"])
        },
        StoreConformance("a sweep frees locks whose time is over or whose holder is no live run") { store in
            for number in 1...3 { _ = try await store.startDirect(try StoreSamples.run("dev", number)) }
            for number in 1...4 {
                let holder = try StoreSamples.instance("dev", number)
                let ttl = number == 1 ? 10 : 600
                _ = try await store.acquireLock(
                    "k\(number)",
                    holder: holder,
                    ttl: .seconds(ttl),
                    at: StoreSamples.at(0)
                )
            }
            let others = Set(try [StoreSamples.instance("dev", 4), StoreSamples.instance("dev", 5)])
            #expect(try await store.sweepLocks(at: StoreSamples.at(20), keeping: others) == 1)
            #expect(try await store.locks(of: nil, at: StoreSamples.at(0)).map(\.key) == ["k2", "k3", "k4"])
            #expect(try await store.sweepLocks(at: StoreSamples.at(20), keeping: []) == 1)
            #expect(try await store.sweepLocks(at: StoreSamples.at(20), keeping: []) == 0)
            #expect(try await store.locks(of: nil, at: StoreSamples.at(0)).map(\.key) == ["k2", "k3"])
        },
    ]
}
