package import Domain
import Foundation

/// Runs as plain child processes: the operator's user, files and network, no isolation.
package struct HostRuntime: Runtime {
    package var kind: RuntimeKind { .host }
    package var controlsEgress: Bool { false }

    private let processes: LocalProcesses
    private let executablePath: String
    private let inherited: [String: String]
    private let configurationText: @Sendable (AgentConfig) throws -> String

    /// Prepares to run agents of one project.
    ///
    /// - Parameters:
    ///   - project: whose runs they are; their directories are in its `.al/runs`.
    ///   - executablePath: the `al` that becomes the run; absolute and without links.
    ///   - inherited: this process's environment, of which runs get `PATH`, `LANG`, `TZ`, the proxy variables,
    ///     `SSL_CERT_FILE` and nothing else.
    ///   - clock: paces the looks at a run.
    ///   - configurationText: `AGENT_CONFIG` of an agent.
    package init(
        project: ProjectDirectory,
        executablePath: String,
        inherited: [String: String],
        clock: any Clock<Duration>,
        configurationText: @escaping @Sendable (AgentConfig) throws -> String
    ) {
        processes = LocalProcesses(project: project, clock: clock)
        self.executablePath = executablePath
        self.inherited = inherited
        self.configurationText = configurationText
    }

    package func prepare(project: ProjectID) async throws -> GatewayRoute {
        processes.sweep()
        return GatewayRoute(listenAddress: nil, host: "127.0.0.1")
    }

    package func launch(_ launch: Launch) async throws -> RunHandle {
        try await processes.launch(launch.instance) { directory in
            try FileManager.default.createDirectory(
                atPath: directory.bin,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            for name in ["al"] + RunEnvironment.commandNames {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(directory.bin)/\(name)",
                    withDestinationPath: executablePath
                )
            }
            let arguments = [
                executablePath, "_run-agent", launch.agent.name.rawValue, "--project", launch.project.path,
            ]
            return LocalProcesses.Command(
                arguments: arguments,
                environment: try environment(of: launch, in: directory),
                workingDirectory: directory.work
            )
        }
    }

    private func environment(of launch: Launch, in directory: RunDirectory) throws -> [String: String] {
        let needsFile = RunEnvironment.needsPromptFile(launch)
        if needsFile { try directory.write(Array(launch.prompt.utf8), to: directory.prompt) }
        var environment = RunEnvironment(launch, promptFile: needsFile ? directory.prompt : nil)
        let configuration = try configurationText(launch.agent)
        guard configuration.utf8.count < 127 << 10 else {
            throw RuntimeError(
                code: .launchFailed,
                message:
                    "The configuration and ACTIONS.md of \(launch.agent.name) are larger than the 127 KiB that a host "
                    + "run can take. Shorten ACTIONS.md or use the docker or sandbox runtime."
            )
        }
        environment.merge([
            "AGENT_CONFIG": configuration,
            "AL_AGENT_DIR": launch.agent.directory,
            "AL_BIN_DIR": directory.bin,
            "AL_WORK_DIR": directory.work,
            "AL_SIGNAL_DIR": directory.signals,
            "TMPDIR": directory.temporary,
            "HOME": directory.home,
            "PATH": "\(directory.bin):\(inherited["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")",
            "LANG": inherited["LANG"] ?? "C.UTF-8",
        ])
        if let zone = inherited["TZ"] { environment.merge(["TZ": zone]) }
        environment.inheritProxies(of: inherited)
        if let certificates = inherited["SSL_CERT_FILE"] { environment.merge(["SSL_CERT_FILE": certificates]) }
        // Without credentials a place that does not exist: this machine's /credentials are no run's.
        let credentials = launch.stagingDirectory.map { "\($0)/mount" } ?? "\(directory.path)/credentials"
        environment.merge(["AL_CREDENTIALS_PATH": credentials])
        return environment.variables
    }

    package func follow(
        _ handle: RunHandle,
        from position: String?,
        onLine: @escaping @Sendable (OutputLine) async -> Void
    ) async throws {
        try await processes.follow(handle, from: position, onLine: onLine)
    }

    package func wait(for handle: RunHandle) async throws -> RunEnd { try await processes.wait(for: handle) }

    package func kill(_ handle: RunHandle, grace: Duration) async throws {
        try await processes.kill(handle, grace: grace) { -$0.pid }
    }

    package func list(project: ProjectID) async throws -> [KnownRun] { processes.list() }

    package func remove(_ handle: RunHandle) async throws { try processes.remove(handle) }
}
