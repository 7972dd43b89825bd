import Domain

/// The call of `bwrap` (bubblewrap) that makes a run's surroundings.
struct SandboxArguments: Sendable {
    /// Path of `bwrap`.
    var bubblewrap: String
    /// The `al` that becomes the run.
    var executablePath: String
    var limits: LocalSettings
    /// Directory whose `mount/` holds the credentials.
    var stagingDirectory: String?
    /// Where passwd, group and the static files of the run stand.
    var directory: RunDirectory
    var promptFile: String?
    /// Directory with the socket of the one way out; `nil` = the host's network.
    var egressDirectory: String?

    /// What programs need of `/etc`; nothing else of it can be seen.
    private static let systemFiles = [
        "alternatives", "ca-certificates", "ca-certificates.conf", "gai.conf", "gitconfig", "ld.so.cache", "ld.so.conf",
        "ld.so.conf.d", "localtime", "nsswitch.conf", "pki", "protocols", "services", "ssh", "ssl",
    ]
    /// Further files of `/etc`, for runs that share the host's network.
    private static let networkFiles = ["hosts", "resolv.conf"]

    /// `/etc/hosts` of a run without a network: the gateway is where its process offers it.
    static let sealedHostsFile = "127.0.0.1 localhost gateway\n::1 localhost\n"

    static let userFile = "node:x:1000:1000:node:/home/node:/bin/bash\nroot:x:0:0:root:/:/usr/sbin/nologin\n"
    static let groupFile = "node:x:1000:\nroot:x:0:\n"

    /// Namespaces and privileges; also what the trial start uses.
    static let isolation = [
        "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--disable-userns",
        "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--as-pid-1",
    ]

    /// The system, read-only.
    static let system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap { ["--ro-bind-try", $0, $0] }

    /// The whole argument vector.
    ///
    /// Variables are not in it, others can read it: bwrap passes its own environment on.
    ///
    /// - Parameters:
    ///   - agent: becomes the host name.
    ///   - filterDescriptor: the open file of the program that judges system calls; `nil` = none.
    /// - Returns: program and arguments.
    func vector(agent: String, filterDescriptor: Int?) -> [String] {
        var arguments = [bubblewrap] + Self.isolation + ["--hostname", agent] + Self.system
        let files = Self.systemFiles + (egressDirectory == nil ? Self.networkFiles : [])
        for name in files { arguments += ["--ro-bind-try", "/etc/\(name)", "/etc/\(name)"] }
        if let egressDirectory {
            arguments += ["--unshare-net", "--ro-bind", "\(directory.path)/hosts", "/etc/hosts"]
            arguments += ["--ro-bind", egressDirectory, RunEnvironment.egressMount]
        }
        arguments += ["--ro-bind", "\(directory.path)/passwd", "/etc/passwd"]
        arguments += ["--ro-bind", "\(directory.path)/group", "/etc/group"]
        arguments += ["--proc", "/proc", "--dev", "/dev"] + tmpfs("/dev/shm", size: 64 << 20, mode: "1777")
        arguments += tmpfs("/tmp", size: limits.tmpSize, mode: "1777")
        arguments += tmpfs("/workspace", size: limits.workspaceSize, mode: "0755")
        arguments += ["--dir", "/home"] + tmpfs("/home/node", size: 64 << 20, mode: "0755")
        arguments += ["--dir", "/app", "--dir", "/app/bin", "--ro-bind", executablePath, "/app/bin/al"]
        for name in RunEnvironment.commandNames { arguments += ["--symlink", "al", "/app/bin/\(name)"] }
        arguments += ["--ro-bind", directory.staticFiles, "/app/static"]
        if let stagingDirectory { arguments += ["--ro-bind", "\(stagingDirectory)/mount", "/credentials"] }
        if let promptFile { arguments += ["--ro-bind", promptFile, ContainerSpec.promptPath] }
        if let filterDescriptor { arguments += ["--seccomp", String(filterDescriptor)] }
        // A root that can be written would be memory without a limit. The kernel's settings in /proc/sys belong to root, and
        // where the scheduler is root so is, for the kernel, the user inside.
        for place in ["/proc", "/dev", "/"] { arguments += ["--remount-ro", place] }
        arguments += ["--chdir", "/workspace", "--"]
        return arguments + ["/app/bin/al", "_run-agent"]
    }

    private func tmpfs(_ path: String, size: Int, mode: String) -> [String] {
        ["--perms", mode, "--size", String(size), "--tmpfs", path]
    }
}
