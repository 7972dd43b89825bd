import Domain
import Foundation
import Project
import Scheduler

#if canImport(Glibc)
    import Glibc
#endif

extension Examination {
    /// Disk, clock, port and the permissions of the state.
    func machineFindings() -> [Finding] {
        [serverFinding(), diskFinding(), clockFinding(), zoneFinding(), portFinding(), stateFinding()].compactMap { $0 }
    }

    /// Everything else looks at the machine that the doctor runs on.
    private func serverFinding() -> Finding? {
        context.serverEnvironment(of: project).map { name in
            Finding(
                .machine,
                .warn,
                "Environment \(name) is a server, which is not examined: all of this is about this machine"
            )
        }
    }

    private func diskFinding() -> Finding? {
        var facts = statvfs()
        // A file system that does not tell cannot be judged.
        guard statvfs(project.directory, &facts) == 0 else { return nil }
        let free = Int(facts.f_bavail) * Int(facts.f_frsize)
        let text = "\(Self.size(free)) free for \(project.directory)"
        switch free {
        case ..<(200 << 20): return Finding(.machine, .fail, "Only \(text): history and queue need room")
        case ..<(1 << 30): return Finding(.machine, .warn, "Only \(text)")
        default: return Finding(.machine, .ok, text)
        }
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 10 << 30 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
    }

    /// Schedules, leases and signatures need the right time.
    private func clockFinding() -> Finding {
        let newest = ["state.db", "scheduler.lock"].compactMap { name in
            // What is not there cannot be newer.
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(project.directory)/.al/\(name)")
            return attributes?[.modificationDate] as? Date
        }.max()
        if let newest, newest > now.addingTimeInterval(60) {
            return Finding(.machine, .fail, "The clock is behind: .al was written at \(newest.formatted(.iso8601))")
        }
        let files = FileManager.default
        let synchronizer = "/run/systemd/timesync"
        if files.fileExists(atPath: synchronizer), !files.fileExists(atPath: synchronizer + "/synchronized") {
            return Finding(.machine, .warn, "The clock is not synchronized yet (timedatectl status)")
        }
        return Finding(.machine, .ok, "Clock: \(now.formatted(.iso8601)), zone \(ProcessZone.current.zone.identifier)")
    }

    private func zoneFinding() -> Finding? {
        ProcessZone.current.warning.map { Finding(.machine, .warn, $0) }
    }

    private func portFinding() -> Finding {
        switch ProjectLock.state(stateDirectory: "\(project.directory)/.al") {
        case .held(let owner):
            let details = owner.map { ": process \($0.process), port \($0.port)" } ?? ""
            return Finding(.machine, .ok, "The scheduler is running\(details)")
        case .unknown(let path):
            let text = "Whether a scheduler of this project runs cannot be told: you cannot read \(path)"
            return Finding(.machine, .warn, text)
        case .free: break
        }
        let port = project.config.gateway.port
        guard LocalPort.isFree(port) else {
            let text = "Port \(port) is taken by another program; set gateway.port or use al start --port"
            return Finding(.machine, .fail, text)
        }
        return Finding(.machine, .ok, "Port \(port) is free")
    }

    private func stateFinding() -> Finding? {
        let path = "\(project.directory)/.al"
        if let obstacle = Self.obstacle(toWritingIn: path) { return Finding(.machine, .fail, obstacle) }
        guard FileAccessRights.isOpen(path) else { return nil }
        let repair = Finding.Repair(question: "Take everybody else's access to \(path) away?") {
            try FileAccessRights.close(path)
            return "Only you can read \(path) now"
        }
        let text = "\(path) can be reached by other users; it holds transcripts. Run: chmod -R go= \(path)"
        return Finding(.machine, .warn, text, repair: repair)
    }
}

extension Examination {
    /// Why a scheduler could not keep its state there; the directory need not exist yet.
    private static func obstacle(toWritingIn path: String) -> String? {
        let files = FileManager.default
        var isDirectory: ObjCBool = false
        let isThere = files.fileExists(atPath: path, isDirectory: &isDirectory)
        if isThere, !isDirectory.boolValue { return "\(path) is a file where a directory must be. Move it away" }
        let place = isThere ? path : URL(fileURLWithPath: path).deletingLastPathComponent().path
        return files.isWritableFile(atPath: place) ? nil : "You may not write in \(place), where the state is kept"
    }
}

/// A TCP port of this machine's loopback address.
enum LocalPort {
    /// Whether a program could listen there now.
    static func isFree(_ port: Int) -> Bool {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0, let number = UInt16(exactly: port) else { return false }
        defer { close(descriptor) }
        // What a closed connection left behind does not keep a server from starting.
        var isReusable: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReusable, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
