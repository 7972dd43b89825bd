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

    /// What programs need of `/etc`; nothing else of it can be seen.
    private static let systemFiles = [
        "alternatives", "ca-certificates", "ca-certificates.conf", "gai.conf", "gitconfig", "hosts", "ld.so.cache",
        "ld.so.conf", "ld.so.conf.d", "localtime", "nsswitch.conf", "pki", "protocols", "resolv.conf", "services",
        "ssh",
        "ssl",
    ]

    static let userFile = "node:x:1000:1000:node:/home/node:/bin/bash\nroot:x:0:0:root:/:/usr/sbin/nologin\n"
    static let groupFile = "node:x:1000:\nroot:x:0:\n"

    /// Namespaces and privileges; also what the trial start uses.
    static let isolation = [
        "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--disable-userns",
        "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--as-pid-1",
    ]

    /// The system, read-only.
    static let system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap { ["--ro-bind-try", $0, $0] }

    /// The whole argument vector. Variables are not in it, others can read it: bwrap passes its own environment on.
    func vector(agent: String) -> [String] {
        var arguments = [bubblewrap] + Self.isolation + ["--hostname", agent] + Self.system
        for name in Self.systemFiles { arguments += ["--ro-bind-try", "/etc/\(name)", "/etc/\(name)"] }
        arguments += ["--ro-bind", "\(directory.path)/passwd", "/etc/passwd"]
        arguments += ["--ro-bind", "\(directory.path)/group", "/etc/group"]
        arguments += ["--proc", "/proc", "--dev", "/dev"]
        arguments += tmpfs("/tmp", size: limits.tmpSize, mode: "1777")
        arguments += tmpfs("/workspace", size: limits.workspaceSize, mode: "0755")
        arguments += ["--dir", "/home"] + tmpfs("/home/node", size: 64 << 20, mode: "0755")
        arguments += ["--dir", "/app", "--dir", "/app/bin", "--ro-bind", executablePath, "/app/bin/al"]
        for name in RunEnvironment.commandNames { arguments += ["--symlink", "al", "/app/bin/\(name)"] }
        arguments += ["--ro-bind", directory.staticFiles, "/app/static"]
        if let stagingDirectory { arguments += ["--ro-bind", "\(stagingDirectory)/mount", "/credentials"] }
        if let promptFile { arguments += ["--ro-bind", promptFile, ContainerSpec.promptPath] }
        // A root that can be written would be memory without a limit.
        arguments += ["--remount-ro", "/", "--chdir", "/workspace", "--"]
        return arguments + ["/app/bin/al", "_run-agent"]
    }

    private func tmpfs(_ path: String, size: Int, mode: String) -> [String] {
        ["--perms", mode, "--size", String(size), "--tmpfs", path]
    }
}
