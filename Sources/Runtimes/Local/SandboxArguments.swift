import Domain

/// The call of `bwrap` (bubblewrap) that makes a run's surroundings.
struct SandboxArguments: Sendable {
    /// A file of which a run gets a copy: a mount for each would be a third of a start's time.
    struct Copy: Hashable, Sendable {
        var source: String
        /// Where it stands for the run.
        var place: String
    }

    /// Path of `bwrap`.
    var bubblewrap: String
    /// From ``system(linkTarget:)``.
    var system: [String]
    /// The `al` that becomes the run.
    var executablePath: String
    var limits: LocalSettings
    /// Directory whose `mount/` holds the credentials.
    var stagingDirectory: String?
    /// Where passwd, group and the static files of the run stand.
    var directory: RunDirectory
    /// From ``copies(in:hasNetwork:isReadable:)``.
    var copies: [Copy]
    /// Whether the directory holds a program that judges system calls.
    var hasFilter: Bool
    /// Whom the run believes besides the authorities of the system; `nil` = nobody.
    var certificateFile: String?
    var promptFile: String?
    /// Directory with the socket of the one way out; `nil` = the host's network.
    var egressDirectory: String?

    /// Directories of `/etc` that programs need.
    ///
    /// None of `ssh`, `ssl` and `pki` as a whole: private keys are in them, which runs of a scheduler that is root could
    /// read.
    static let systemDirectories = [
        "alternatives", "ca-certificates", "ld.so.conf.d", "pki/ca-trust/extracted", "pki/tls/certs",
        "ssh/ssh_config.d",
        "ssl/certs",
    ]
    /// Files of `/etc` that programs need; nothing else of it can be seen.
    private static let systemFiles = [
        "ca-certificates.conf", "gai.conf", "gitconfig", "ld.so.cache", "ld.so.conf", "localtime", "nsswitch.conf",
        "pki/tls/cert.pem", "pki/tls/openssl.cnf", "protocols", "services", "ssh/ssh_config", "ssh/ssh_known_hosts",
        "ssl/ca-bundle.pem", "ssl/cert.pem", "ssl/openssl.cnf",
    ]
    /// Further files of `/etc`, for runs that share the host's network.
    private static let networkFiles = ["hosts", "resolv.conf"]

    /// `/etc/hosts` of a run without a network: the gateway is where its process offers it.
    static let sealedHostsFile = "127.0.0.1 localhost gateway\n::1 localhost\n"

    /// Where a run finds ``certificateFile``.
    static let certificatePath = "/run/al/authorities.pem"

    static let userFile = "node:x:1000:1000:node:/home/node:/bin/bash\nroot:x:0:0:root:/:/usr/sbin/nologin\n"
    static let groupFile = "node:x:1000:\nroot:x:0:\n"

    /// Namespaces and privileges; also what the trial start uses.
    static let isolation = [
        "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--disable-userns",
        "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--as-pid-1",
    ]

    /// The system, read-only; what is a link into `/usr` stays one.
    static func system(linkTarget: (String) -> String?) -> [String] {
        ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap { path in
            guard let target = linkTarget(path), target.hasPrefix("usr/") || target.hasPrefix("/usr/") else {
                return ["--ro-bind-try", path, path]
            }
            return ["--symlink", target, path]
        }
    }

    /// The files of which a run gets copies.
    static func copies(in directory: RunDirectory, hasNetwork: Bool, isReadable: (String) -> Bool) -> [Copy] {
        let own = ["passwd", "group"] + (hasNetwork ? [] : ["hosts"])
        let others = (systemFiles + (hasNetwork ? networkFiles : [])).filter { isReadable("/etc/\($0)") }
        return own.map { Copy(source: "\(directory.path)/\($0)", place: "/etc/\($0)") }
            + others.map { Copy(source: "/etc/\($0)", place: "/etc/\($0)") }
    }

    /// What ``vector(agent:firstFile:)`` expects to be open, in the order of the descriptors.
    var files: [String] { copies.map(\.source) + (hasFilter ? [directory.filter] : []) }

    /// The whole argument vector.
    ///
    /// Variables are not in it, others can read it: bwrap passes its own environment on.
    ///
    /// - Parameters:
    ///   - agent: becomes the host name.
    ///   - firstFile: the descriptor of the first of ``files``.
    /// - Returns: program and arguments.
    func vector(agent: String, firstFile: Int) -> [String] {
        var arguments = [bubblewrap] + Self.isolation + ["--hostname", agent] + system
        for name in Self.systemDirectories { arguments += ["--ro-bind-try", "/etc/\(name)", "/etc/\(name)"] }
        for (index, copy) in copies.enumerated() {
            arguments += ["--perms", "0444", "--file", String(firstFile + index), copy.place]
        }
        if let egressDirectory {
            arguments += ["--unshare-net", "--ro-bind", egressDirectory, RunEnvironment.egressMount]
        }
        arguments += ["--proc", "/proc", "--dev", "/dev"] + tmpfs("/dev/shm", size: 64 << 20, mode: "1777")
        arguments += tmpfs("/tmp", size: limits.tmpSize, mode: "1777")
        arguments += tmpfs("/workspace", size: limits.workspaceSize, mode: "0755")
        arguments += ["--dir", "/home"] + tmpfs("/home/node", size: 64 << 20, mode: "0755")
        arguments += ["--dir", "/app", "--dir", "/app/bin", "--ro-bind", executablePath, "/app/bin/al"]
        for name in RunEnvironment.commandNames { arguments += ["--symlink", "al", "/app/bin/\(name)"] }
        arguments += ["--ro-bind", directory.staticFiles, "/app/static"]
        if let stagingDirectory { arguments += ["--ro-bind", "\(stagingDirectory)/mount", "/credentials"] }
        if let certificateFile { arguments += ["--ro-bind", certificateFile, Self.certificatePath] }
        if let promptFile { arguments += ["--ro-bind", promptFile, ContainerSpec.promptPath] }
        if hasFilter { arguments += ["--seccomp", String(firstFile + copies.count)] }
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
