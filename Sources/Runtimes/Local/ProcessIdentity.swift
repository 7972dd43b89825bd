import Domain
import Foundation

/// A process that cannot be mistaken for a later one with the same number.
struct ProcessIdentity: Hashable, Sendable {
    var pid: Int32
    /// Clock ticks since boot (`/proc/<pid>/stat`, field 22).
    var startTime: UInt64
    /// `/proc/sys/kernel/random/boot_id`.
    var bootID: String

    /// `pid:<pid>:<start time>:<boot id>`.
    var handle: RunHandle { RunHandle(rawValue: "pid:\(pid):\(startTime):\(bootID)") }

    init(pid: Int32, startTime: UInt64, bootID: String) {
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
    }

    /// Reads ``handle``; `nil` for handles of another runtime.
    init?(_ handle: RunHandle) {
        let parts = handle.rawValue.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "pid", let pid = Int32(parts[1]), pid > 1, let start = UInt64(parts[2])
        else {
            return nil
        }
        self.init(pid: pid, startTime: start, bootID: String(parts[3]))
    }

    /// Whether this very process exists and has not ended; one that only waits to be reaped has.
    var isAlive: Bool {
        guard bootID == Self.currentBootID, let stat = ProcessStat(pid: pid) else { return false }
        return stat.startTime == startTime && !stat.hasEnded
    }

    static let currentBootID: String = {
        let content = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
        return String(decoding: content, as: UTF8.self).filter { !$0.isWhitespace }
    }()
}

extension ProcessStat {
    /// Reads the line of a process; `nil` when there is none.
    init?(pid: Int32) {
        guard let content = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        self.init(line: Array(content))
    }

    /// Every process of this machine that can be seen.
    static func all() -> [ProcessStat] {
        // Without /proc nobody can be found, which is the answer.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap { ProcessStat(pid: $0) }
    }

    /// The processes that were started with a variable, written `NAME=value`; those that are about to end have none.
    static func pids(withVariable variable: String) -> [Int32] {
        let wanted = Data((variable + "\0").utf8)
        // Those of others cannot be read, and are nobody's who asks here.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            guard let variables = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
            return variables.starts(with: wanted) || variables.firstRange(of: [0] + wanted) != nil
        }
    }

    /// A process, the others of its session and all their descendants.
    static func tree(of pid: Int32, in all: [ProcessStat]) -> [Int32] {
        var found: Set<Int32> = [pid]
        var grew = true
        while grew {
            let more = all.filter { !found.contains($0.pid) && ($0.session == pid || found.contains($0.parent)) }
            found.formUnion(more.map(\.pid))
            grew = !more.isEmpty
        }
        return found.sorted()
    }
}
