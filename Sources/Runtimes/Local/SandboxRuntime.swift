package import Domain
import Foundation
import Subprocess

/// Runs as child processes inside bubblewrap: read-only system, private files and processes.
///
/// A sealed run has a network of its own with nothing in it; any other has the host's.
package struct SandboxRuntime: Runtime {
    package var kind: RuntimeKind { .sandbox }
    package var controlsEgress: Bool { true }

    /// `nil` on an architecture whose system calls have no table here.
    private static let filter = SeccompFilter.Architecture.current.map { SeccompFilter(for: $0) }

    private let processes: LocalProcesses
    private let bubblewrap: String
    /// bwrap's arguments for the programs of this machine.
    private let system: [String]
    private let executablePath: String
    private let inherited: [String: String]
    private let staticFiles: @Sendable (AgentConfig) throws -> [String: [UInt8]]

    /// Tries bubblewrap and prepares to run agents of one project.
    ///
    /// - Parameters:
    ///   - project: whose runs they are; their directories are in its `.al/runs`.
    ///   - executablePath: the `al` that becomes the run; absolute and without links.
    ///   - inherited: this process's environment, of which `PATH` finds `bwrap` and runs get `LANG`, `TZ`, the
    ///     proxy variables and the file of `SSL_CERT_FILE`.
    ///   - clock: paces the looks at a run.
    ///   - staticFiles: name → content of what a run of the agent sees under `/app/static`.
    /// - Throws: ``RuntimeError`` (`unavailable`) naming the package or setting that is missing.
    package init(
        project: ProjectDirectory,
        executablePath: String,
        inherited: [String: String],
        clock: any Clock<Duration>,
        staticFiles: @escaping @Sendable (AgentConfig) throws -> [String: [UInt8]]
    ) async throws {
        let directories = (inherited["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        let places = directories.map { "\($0)/bwrap" }
        guard let bubblewrap = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw RuntimeError(
                code: .unavailable,
                message: "bwrap is not installed; it is in the package bubblewrap (apt-get install bubblewrap)."
            )
        }
        // Whatever is no link, or cannot be read as one, is mounted.
        system = SandboxArguments.system { try? FileManager.default.destinationOfSymbolicLink(atPath: $0) }
        try await Self.tryStart(bubblewrap, system: system)
        processes = LocalProcesses(project: project, clock: clock)
        self.bubblewrap = bubblewrap
        self.executablePath = executablePath
        self.inherited = inherited
        self.staticFiles = staticFiles
    }

    /// Whether a file can be copied; engines leave empty directories where a file was to be mounted that was not there.
    private static func isReadableFile(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
            && FileManager.default.isReadableFile(atPath: path)
    }

    /// Starts `true` under the isolation that runs get.
    private static func tryStart(_ bubblewrap: String, system: [String]) async throws {
        let arguments =
            SandboxArguments.isolation + system + ["--proc", "/proc", "--dev", "/dev", "--", "/bin/true"]
        let record: (isSuccess: Bool, reason: String)
        do {
            let result = try await Subprocess.run(
                .name("bwrap"),
                arguments: Arguments(arguments),
                output: .discarded,
                error: .string(limit: 4096)
            )
            record = (result.terminationStatus.isSuccess, result.standardError)
        } catch let error as CancellationError {
            throw error
        } catch {
            record = (false, "\(error)")
        }
        guard !record.isSuccess else { return }
        let isOld = record.reason.contains("--disable-userns")
        let remedy =
            isOld
            ? "bubblewrap 0.8 or newer is needed (bwrap --version tells which this is)."
            : "The kernel must allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 or "
                + "user.max_user_namespaces; on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0)."
        let reason = record.reason.trimmingCharacters(in: .whitespacesAndNewlines)
        throw RuntimeError(
            code: .unavailable,
            message: "\(bubblewrap) cannot make a sandbox here: \(reason). \(remedy)"
        )
    }

    /// What is not limited here, for people; `nil` = everything is.
    package static func limitProblem(_ limits: LocalSettings) -> String? {
        guard let group = ControlGroup.make("al-check-\(getpid())", limits: limits) else {
            return
                "Memory, processors and the number of processes of runs are not limited here: this user may not make control groups "
                + "(start al as a service with Delegate=yes and DelegateSubgroup=al, which needs systemd 254, or as root)."
        }
        defer { group.remove() }
        guard !group.limitsProcessors else { return nil }
        return "Processors of runs are not limited here: no control groups for them are handed over to this user."
    }

    package func prepare(project: ProjectID) async throws -> GatewayRoute {
        processes.sweep()
        return GatewayRoute(listenAddress: nil, host: "127.0.0.1")
    }

    package func launch(_ launch: Launch) async throws -> RunHandle {
        try await processes.launch(launch.instance) { directory in
            try directory.write(Array(SandboxArguments.userFile.utf8), to: "\(directory.path)/passwd")
            try directory.write(Array(SandboxArguments.groupFile.utf8), to: "\(directory.path)/group")
            if launch.egressDirectory != nil {
                try directory.write(Array(SandboxArguments.sealedHostsFile.utf8), to: "\(directory.path)/hosts")
            }
            try FileManager.default.createDirectory(
                atPath: directory.staticFiles,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            for (name, content) in try staticFiles(launch.agent) {
                try directory.writeStatic(content, name: name)
            }
            let needsFile = RunEnvironment.needsPromptFile(launch)
            if needsFile { try directory.write(Array(launch.prompt.utf8), to: directory.prompt) }
            if let filter = Self.filter { try directory.write(filter.bytes, to: directory.filter) }
            let arguments = SandboxArguments(
                bubblewrap: bubblewrap,
                system: system,
                executablePath: executablePath,
                limits: launch.limits,
                stagingDirectory: launch.stagingDirectory,
                directory: directory,
                copies: SandboxArguments.copies(
                    in: directory,
                    hasNetwork: launch.egressDirectory == nil,
                    isReadable: Self.isReadableFile
                ),
                hasFilter: Self.filter != nil,
                certificateFile: certificateFile,
                promptFile: needsFile ? directory.prompt : nil,
                egressDirectory: launch.egressDirectory
            )
            return LocalProcesses.Command(
                arguments: arguments.vector(agent: launch.agent.name.rawValue, firstFile: ChildProcesses.firstFile),
                environment: environment(of: launch, hasPromptFile: needsFile),
                workingDirectory: directory.work,
                files: arguments.files,
                group: ControlGroup.make("al-\(launch.instance)", limits: launch.limits)
            )
        }
    }

    private func environment(of launch: Launch, hasPromptFile: Bool) -> [String: String] {
        var environment = RunEnvironment(launch, promptFile: hasPromptFile ? ContainerSpec.promptPath : nil)
        environment.merge([
            "HOME": "/home/node", "USER": "node", "LANG": inherited["LANG"] ?? "C.UTF-8",
            "PATH": "/app/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ])
        if let zone = inherited["TZ"] { environment.merge(["TZ": zone]) }
        environment.inheritProxies(of: inherited)
        if certificateFile != nil { environment.merge(["SSL_CERT_FILE": SandboxArguments.certificatePath]) }
        return environment.variables
    }

    /// The authorities that the operator names for everything al asks.
    private var certificateFile: String? { inherited["SSL_CERT_FILE"].flatMap { Self.isReadableFile($0) ? $0 : nil } }

    package func follow(
        _ handle: RunHandle,
        from position: String?,
        onLine: @escaping @Sendable (OutputLine) async -> Void
    ) async throws {
        try await processes.follow(handle, from: position, onLine: onLine)
    }

    package func wait(for handle: RunHandle) async throws -> RunEnd { try await processes.wait(for: handle) }

    /// SIGTERM goes to the first process inside: were `bwrap` itself ended, nobody could tell the run's exit code.
    package func kill(_ handle: RunHandle, grace: Duration) async throws {
        try await processes.kill(handle, grace: grace) { process in
            ProcessStat.all().first { $0.parent == process.pid }?.pid ?? -process.pid
        }
    }

    package func list(project: ProjectID) async throws -> [KnownRun] { processes.list() }

    package func remove(_ handle: RunHandle) async throws { try processes.remove(handle) }
}
