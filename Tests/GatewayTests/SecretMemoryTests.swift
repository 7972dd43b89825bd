import Foundation
import Synchronization
import Testing
import Webhooks

@testable import Gateway

@Suite("Memory of webhook secrets")
struct SecretMemoryTests {
    private struct Unreadable: Error {}

    @Test("A secret is read again after a second, for each type alone")
    func lifetime() throws {
        let reads = Mutex<[String]>([])
        let memory = SecretMemory { type in
            reads.withLock { reads in
                reads.append(type)
                return ["default": "\(reads.count)"]
            }
        }
        let start = Date(timeIntervalSince1970: 1000)
        #expect(try memory.secrets(of: "a", at: start) == ["default": "1"])
        #expect(try memory.secrets(of: "a", at: start + 0.9) == ["default": "1"])
        #expect(try memory.secrets(of: "b", at: start + 0.9) == ["default": "2"])
        #expect(try memory.secrets(of: "a", at: start + 1) == ["default": "3"])
        // A clock that was set back must not keep an old secret for hours.
        #expect(try memory.secrets(of: "a", at: start - 3600) == ["default": "4"])
    }

    @Test("Where none fits, secrets are read again at once, but not again and again")
    func changes() throws {
        let stored = Mutex((secret: "old", reads: 0))
        let memory = SecretMemory { _ in
            stored.withLock { stored in
                stored.reads += 1
                return ["default": stored.secret]
            }
        }
        let start = Date(timeIntervalSince1970: 1000)
        let old = try memory.secrets(of: "a", at: start)
        #expect(try memory.changedSecrets(of: "a", than: old, at: start + 0.01) == nil)
        #expect(try memory.changedSecrets(of: "a", than: old, at: start + 0.06) == nil)
        stored.withLock { $0.secret = "new" }
        #expect(try memory.changedSecrets(of: "a", than: old, at: start + 0.07) == nil)
        #expect(stored.withLock { $0.reads } == 2)
        #expect(try memory.changedSecrets(of: "a", than: old, at: start + 0.12) == ["default": "new"])
        // A second delivery that had the old ones at the same moment gets them without another reading.
        #expect(try memory.changedSecrets(of: "a", than: old, at: start + 0.12) == ["default": "new"])
        #expect(stored.withLock { $0.reads } == 3)
        #expect(try memory.secrets(of: "a", at: start + 0.13) == ["default": "new"])
    }

    @Test("A secret that cannot be read is reported once, until it could be read meanwhile")
    func unreadable() throws {
        let stored = Mutex(StoredSecrets(["a": "s"], unreadable: ["b": "b is gone"]))
        let reports = Mutex<[String]>([])
        let memory = SecretMemory { _ in
            stored.withLock { $0 }
        } report: { text in
            reports.withLock { $0.append(text) }
        }
        let start = Date(timeIntervalSince1970: 1000)
        for second in 0..<3 { _ = try memory.secrets(of: "x", at: start + Double(second)) }
        #expect(reports.withLock { $0 } == ["b is gone"])
        stored.withLock { $0.unreadable = [:] }
        _ = try memory.secrets(of: "x", at: start + 3)
        stored.withLock { $0.unreadable = ["b": "b is gone"] }
        _ = try memory.secrets(of: "x", at: start + 4)
        #expect(reports.withLock { $0 } == ["b is gone", "b is gone"])
    }

    @Test("A failure is not remembered")
    func failure() throws {
        let isBroken = Mutex(true)
        let memory = SecretMemory { _ in
            if isBroken.withLock({ $0 }) { throw Unreadable() }
            return ["default": "s"]
        }
        #expect(throws: Unreadable.self) { try memory.secrets(of: "a", at: .distantPast) }
        isBroken.withLock { $0 = false }
        #expect(try memory.secrets(of: "a", at: .distantPast) == ["default": "s"])
    }
}
