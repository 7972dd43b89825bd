import Domain
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a run does to its own process and to those below it.
///
/// A run adopts orphans, so that nothing a tool left behind outlives it.
enum Surroundings {
    /// Makes this process the parent of all orphans below it, where it is not process 1 anyway.
    ///
    /// - Returns: whether the system agreed.
    @discardableResult
    static func adoptOrphans() -> Bool { control(36, 1) }

    /// Keeps others of the same user from reading this process's memory and environment, and forbids core files.
    ///
    /// - Returns: whether the system agreed.
    static func closeToOthers() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        #if canImport(Glibc)
            let limited = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
        #else
            let limited = setrlimit(RLIMIT_CORE, &none) == 0
        #endif
        return control(4, 0) && limited
    }

    /// Every process below this one.
    static func descendants() -> [ProcessStat] {
        // Without /proc nothing can be told; that is so on no system a run is made for.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let all = names.compactMap { pid_t($0) }.compactMap(process)
        var family: Set<pid_t> = [getpid()]
        var found: [ProcessStat] = []
        var grew = true
        while grew {
            grew = false
            for entry in all where family.contains(entry.parent) && !family.contains(entry.pid) {
                family.insert(entry.pid)
                found.append(entry)
                grew = true
            }
        }
        return found
    }

    /// Kills everything below this process; what is forked meanwhile is found by looking again.
    static func killDescendants() {
        for _ in 0..<20 {
            let living = descendants().filter { !$0.hasEnded }
            guard !living.isEmpty else { return }
            for entry in living { kill(entry.pid, SIGKILL) }
            usleep(5000)
        }
    }

    /// Collects orphans that ended.
    ///
    /// Children that somebody in this process waits for are collected by them; those are gone by the second look.
    ///
    /// - Parameter seen: ended children of the look before.
    /// - Returns: ended children of this look.
    static func collectOrphans(seen: Set<pid_t>) -> Set<pid_t> {
        let own = getpid()
        let ended = Set(descendants().filter { $0.hasEnded && $0.parent == own }.map(\.pid))
        for pid in ended.intersection(seen) { waitpid(pid, nil, WNOHANG) }
        return ended
    }

    private static func process(_ pid: pid_t) -> ProcessStat? {
        // Processes end while they are looked at.
        FileManager.default.contents(atPath: "/proc/\(pid)/stat").flatMap { ProcessStat(line: Array($0)) }
    }

    /// `prctl(2)`, found by name because Swift cannot call functions with variable arguments.
    private static func control(_ option: Int32, _ value: UInt) -> Bool {
        #if os(Linux)
            typealias Function = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
            guard let symbol = dlsym(nil, "prctl") else { return false }
            return unsafeBitCast(symbol, to: Function.self)(option, value, 0, 0, 0) == 0
        #else
            return true
        #endif
    }
}
