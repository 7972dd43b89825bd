import Domain
import Foundation

/// A control group for the processes of one run: how many there may be, and how much memory and processor they get.
///
/// Whether one can be made depends on the machine: root can, a user where systemd has handed a part of the tree over.
struct ControlGroup: Hashable, Sendable {
    /// Processes of one run, as for containers.
    static let mostProcesses = 256
    private static let root = "/sys/fs/cgroup"
    private static let processorPeriod = 100_000

    /// One directory, or with the older version one for each kind of limit.
    let directories: [String]

    /// Makes a group with the limits of a project.
    ///
    /// - Parameters:
    ///   - name: of the new directories.
    ///   - limits: memory and processors count.
    /// - Returns: `nil` where this process may not make one; nothing is left behind then.
    static func make(_ name: String, limits: LocalSettings) -> ControlGroup? {
        let own = ownGroups()
        let isUnified = FileManager.default.fileExists(atPath: "\(root)/cgroup.controllers")
        return isUnified ? unified(name, limits, own) : separate(name, limits, own)
    }

    /// Files into which a process with a single thread writes 0 to join the group, it and what it starts.
    ///
    /// The older version's `tasks` takes one thread at once; for `cgroup.procs`, the only way of the newer one, the kernel
    /// first waits until every processor has looked away (7 to 11 ms).
    var joinFiles: [String] {
        directories.map { directories.count == 1 ? "\($0)/cgroup.procs" : "\($0)/tasks" }
    }

    /// Whether the kernel ended a process of the group for want of memory.
    var wasOutOfMemory: Bool {
        directories.contains { directory in
            let texts = ["memory.events", "memory.oom_control"].map { Self.text("\(directory)/\($0)") }
            return texts.joined(separator: "\n").split(separator: "\n").contains { line in
                let words = line.split(separator: " ")
                return words.first == "oom_kill" && words.last != "0"
            }
        }
    }

    /// Whether it limits processors, which are not handed over to every user.
    var limitsProcessors: Bool {
        directories.contains { directory in
            ["cpu.max", "cpu.cfs_quota_us"].contains { FileManager.default.fileExists(atPath: "\(directory)/\($0)") }
        }
    }

    /// Takes the group away; possible once its last process is gone.
    func remove() {
        for directory in directories { rmdir(directory) }
    }

    /// Microseconds of processor time in a period: no more than there is, and no less than the kernel takes.
    static func quota(_ cpus: Double) -> Int {
        let available = Double(max(1, ProcessInfo.processInfo.processorCount))
        return max(1000, Int(min(cpus, available) * Double(processorPeriod)))
    }

    /// Below which directory this process may make groups: beside its own, else at the top.
    private static func unified(_ name: String, _ limits: LocalSettings, _ own: [String: String]) -> ControlGroup? {
        let parent = (own[""] ?? "/").split(separator: "/").dropLast().joined(separator: "/")
        for place in Set([parent, ""]).sorted(by: { $0.count > $1.count }) {
            let base = place.isEmpty ? root : "\(root)/\(place)"
            // One by one: what is not handed over to this user must not keep the others away.
            for controller in ["+memory", "+pids", "+cpu"] {
                _ = write(controller, to: "\(base)/cgroup.subtree_control")
            }
            let wanted = ["pids.max": String(mostProcesses), "memory.max": String(limits.memory)]
            let optional = ["cpu.max": "\(quota(limits.cpus)) \(processorPeriod)", "memory.swap.max": "0"]
            if let group = make(["\(base)/\(name)": wanted], optional: optional) { return group }
        }
        return nil
    }

    private static func separate(_ name: String, _ limits: LocalSettings, _ own: [String: String]) -> ControlGroup? {
        func directory(_ controller: String) -> String {
            let path = own[controller] ?? "/"
            return "\(root)/\(controller)\(path == "/" ? "" : path)/\(name)"
        }
        return make(
            [
                directory("pids"): ["pids.max": String(mostProcesses)],
                directory("memory"): ["memory.limit_in_bytes": String(limits.memory)],
                directory("cpu"): ["cpu.cfs_quota_us": String(quota(limits.cpus))],
            ],
            optional: ["memory.memsw.limit_in_bytes": String(limits.memory)]
        )
    }

    /// Makes directories with what is to be written into their files: all, or none.
    private static func make(_ wanted: [String: [String: String]], optional: [String: String]) -> ControlGroup? {
        let group = ControlGroup(directories: wanted.keys.sorted())
        for (directory, settings) in wanted {
            guard mkdir(directory, 0o755) == 0 || errno == EEXIST,
                settings.allSatisfy({ write($0.value, to: "\(directory)/\($0.key)") })
            else {
                group.remove()
                return nil
            }
            for (file, value) in optional where FileManager.default.fileExists(atPath: "\(directory)/\(file)") {
                _ = write(value, to: "\(directory)/\(file)")
            }
        }
        return group
    }

    /// The groups of this process, by controller; the unified one under the empty name.
    private static func ownGroups() -> [String: String] {
        var groups: [String: String] = [:]
        for line in text("/proc/self/cgroup").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { continue }
            for controller in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                groups[String(controller)] = parts[2]
            }
        }
        return groups
    }

    /// These files take a value in one piece, and refuse by failing.
    private static func write(_ value: String, to file: String) -> Bool {
        let descriptor = open(file, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Foundation.write(descriptor, value, value.utf8.count) == value.utf8.count
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
