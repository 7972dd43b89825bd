package import AsyncHTTPClient
import CloudClients
package import Domain
import Foundation

/// The runtime that was chosen and why.
package struct RuntimeSelection: Sendable {
    package var runtime: any Runtime
    /// One sentence for people.
    package var reason: String
    /// What people must be told at every start; `nil` = nothing.
    package var warning: String?
}

/// What every local runtime is made from.
package struct RuntimeParts: Sendable {
    package var project: ProjectDirectory
    /// `[local]`.
    package var limits: LocalSettings
    /// The server whose engine runs the agents; `nil` = this machine decides.
    package var server: ServerAddress?
    /// Names the project where several people share the engine; `nil` = its own id does.
    package var sharedID: ProjectID?
    /// Tells the runs of this scheduler from those of others on an engine that does not see this machine's files.
    package var owner: @Sendable () throws -> String?
    /// The user's directory, normally `~/.action-llama`.
    package var home: String
    /// The running `al`; absolute and without links.
    package var executablePath: String
    /// Tag of images of this build; changes whenever the executable does.
    package var buildID: String
    package var version: String
    /// This process's environment.
    package var environment: [String: String]
    package var clock: any Clock<Duration>
    /// Made with ``EngineEndpoint/httpConfiguration``.
    package var engineHTTP: HTTPClient
    /// Name → content of what a run of the agent sees under `/app/static`.
    package var staticFiles: @Sendable (AgentConfig) throws -> [String: [UInt8]]
    /// `AGENT_CONFIG` of an agent, for runs without static files.
    package var configurationText: @Sendable (AgentConfig) throws -> String

    /// Collects the parts.
    package init(
        project: ProjectDirectory,
        limits: LocalSettings,
        server: ServerAddress? = nil,
        sharedID: ProjectID? = nil,
        owner: @escaping @Sendable () throws -> String? = { nil },
        home: String,
        executablePath: String,
        buildID: String,
        version: String,
        environment: [String: String],
        clock: any Clock<Duration>,
        engineHTTP: HTTPClient,
        staticFiles: @escaping @Sendable (AgentConfig) throws -> [String: [UInt8]],
        configurationText: @escaping @Sendable (AgentConfig) throws -> String
    ) {
        self.project = project
        self.limits = limits
        self.server = server
        self.sharedID = sharedID
        self.owner = owner
        self.home = home
        self.executablePath = executablePath
        self.buildID = buildID
        self.version = version
        self.environment = environment
        self.clock = clock
        self.engineHTTP = engineHTTP
        self.staticFiles = staticFiles
        self.configurationText = configurationText
    }
}

/// Chooses where runs execute: what was asked for, else the best isolation there is (docker, then sandbox; never host).
///
/// A server that was named, by the project or by `DOCKER_HOST=ssh://`, is the only choice: elsewhere is not what was meant.
///
/// - Parameters:
///   - requested: `[local].runtime` or the command line; `nil` = `auto`.
///   - parts: what runtimes are made from.
/// - Returns: a runtime that was tried and works.
/// - Throws: ``RuntimeError`` (`unavailable`) naming what to install or start.
package func selectRuntime(requested: RuntimeKind?, parts: RuntimeParts) async throws -> RuntimeSelection {
    if let engine = try parts.remoteEngine(requested: requested) {
        let runtime = try await parts.sshDocker(engine)
        let place = parts.server == nil ? "as DOCKER_HOST or docker's context says" : "as [cloud] says"
        return RuntimeSelection(runtime: runtime, reason: "ssh-docker, \(place): \(runtime.engineDescription).")
    }
    switch requested {
    case .docker, .sshDocker:
        let runtime = try await parts.docker()
        return RuntimeSelection(
            runtime: runtime,
            reason: "docker, as configured: \(runtime.engineDescription).",
            warning: runtime.warning
        )
    case .sandbox:
        return RuntimeSelection(
            runtime: try await parts.sandbox(),
            reason: "sandbox, as configured.",
            warning: parts.sandboxWarning
        )
    case .host:
        return RuntimeSelection(
            runtime: parts.host(),
            reason: "host, as configured.",
            warning:
                "Runs are not isolated: they act as you, with your files and your network. Dockerfiles are not used."
        )
    case nil: return try await parts.best()
    }
}

extension RuntimeParts {
    fileprivate var sandboxWarning: String {
        let images = "Agents run in a sandbox without images: Dockerfiles are not used."
        return [images, SandboxRuntime.limitProblem(limits)].compactMap(\.self).joined(separator: " ")
    }

    fileprivate func best() async throws -> RuntimeSelection {
        let engineProblem: RuntimeError
        do {
            let runtime = try await docker(withGateway: true)
            return RuntimeSelection(
                runtime: runtime,
                reason: "docker: \(runtime.engineDescription) answers.",
                warning: runtime.warning
            )
        } catch let error as RuntimeError where error.code == .unavailable || error.code == .rootless {
            engineProblem = error
        }
        do {
            return RuntimeSelection(
                runtime: try await sandbox(),
                reason: engineProblem.code == .rootless
                    ? "sandbox, because containers of rootless Podman do not reach the gateway."
                    : "sandbox, because no container engine answers.",
                warning: sandboxWarning
            )
        } catch let error as RuntimeError {
            throw RuntimeError(
                code: .unavailable,
                message: "There is no way to isolate runs here.\n\(engineProblem.message)\n\(error.message)\n"
                    + "Runs without isolation must be asked for: --no-docker or [local] runtime = \"host\"."
            )
        }
    }

    fileprivate func host() -> HostRuntime {
        HostRuntime(
            project: project,
            executablePath: executablePath,
            inherited: environment,
            clock: clock,
            configurationText: configurationText
        )
    }

    fileprivate func sandbox() async throws -> SandboxRuntime {
        try await SandboxRuntime(
            project: project,
            executablePath: executablePath,
            inherited: environment,
            clock: clock,
            staticFiles: staticFiles
        )
    }

    /// Asks each candidate in turn; with the gateway, only those whose containers reach it come into question.
    fileprivate func docker(withGateway: Bool = false) async throws -> DockerRuntime {
        let candidates = EngineEndpoint.candidates(
            environment: environment,
            readFile: Self.content(ofFile:),
            mayExist: EngineTLS.mayExist
        )
        var findings: [String] = []
        var isRootless = false
        for endpoint in candidates {
            if let problem = endpoint.socketProblem {
                findings.append("\(endpoint): \(problem)")
                continue
            }
            do {
                let runtime = try await docker(at: endpoint)
                guard withGateway, runtime.engine.dialect.isRootless else { return runtime }
                isRootless = true
                findings.append(
                    "\(endpoint): rootless Podman, whose containers do not reach the gateway (for agents with [network] "
                        + "allow only, ask for it: [local] runtime = \"docker\")"
                )
            } catch let error as RuntimeError {
                findings.append("\(endpoint): \(error.message)")
            }
        }
        if candidates.isEmpty, let host = environment["DOCKER_HOST"] {
            findings.append("DOCKER_HOST=\(host): only unix://, tcp:// and ssh:// are supported")
        }
        throw RuntimeError(
            code: isRootless ? .rootless : .unavailable,
            message: "No container engine answers. Start one (systemctl start docker, or Docker Desktop). Tried:\n  "
                + findings.joined(separator: "\n  ")
        )
    }

    /// The server that was named; `nil` = none, or something of this machine was asked for.
    fileprivate func remoteEngine(requested: RuntimeKind?) throws -> RemoteEngine? {
        if let server { return RemoteEngine(server: server) }
        guard requested == nil || requested == .docker,
            let host = EngineEndpoint.chosenHost(environment: environment, readFile: Self.content(ofFile:)),
            RemoteEngine.isMeant(by: host)
        else { return nil }
        if let engine = RemoteEngine(dockerHost: host) { return engine }
        // It is not quoted: a password is the likeliest reason.
        throw RuntimeError(
            code: .unavailable,
            message: "The address in DOCKER_HOST, or in docker's current context, cannot be read: expected "
                + "ssh://[user@]host[:port], without a password."
        )
    }

    fileprivate func sshDocker(_ remote: RemoteEngine) async throws -> DockerRuntime {
        let tunnel: SSHTunnel
        do {
            tunnel = try SSHTunnel(
                to: remote.server,
                end: .socket(remote.socketPath),
                home: home,
                environment: environment,
                clock: clock
            )
        } catch let error as SSHError {
            throw RuntimeError(code: .unavailable, message: error.description)
        }
        do {
            let endpoint = EngineEndpoint(forwardedTo: tunnel.localSocket, from: "\(remote.server)")
            let runtime = try await docker(at: endpoint, through: tunnel)
            try await runtime.requireOwnArchitecture()
            return runtime
        } catch {
            await tunnel.close()
            guard let error = error as? RuntimeError else { throw error }
            throw RuntimeError(code: .unavailable, message: "Runs cannot be started on the server. \(error.message)")
        }
    }

    private func docker(at endpoint: EngineEndpoint, through tunnel: SSHTunnel? = nil) async throws -> DockerRuntime {
        try await DockerRuntime(
            endpoint: endpoint,
            tunnel: tunnel,
            sharedID: tunnel == nil ? nil : sharedID,
            owner: try owner(),
            http: engineHTTP,
            clock: clock,
            executablePath: executablePath,
            buildID: buildID,
            version: version,
            ownImage: limits.image,
            staticFiles: staticFiles
        )
    }

    private static func content(ofFile path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }
}

extension DockerRuntime {
    /// What people must be told of the engine at every start; `nil` = nothing.
    fileprivate var warning: String? {
        let rootless =
            engine.dialect.isRootless
            ? "Containers of rootless Podman do not reach the gateway: only agents with [network] allow can run, "
                + "unless GATEWAY_URL names an address of this machine."
            : nil
        let warnings = [rootless, engine.endpoint.warning].compactMap(\.self)
        return warnings.isEmpty ? nil : warnings.joined(separator: " ")
    }
}

extension EngineEndpoint {
    /// What whoever uses it risks; `nil` = nothing of note.
    var warning: String? {
        guard isElsewhere, tls == nil else { return nil }
        return "The credentials of agents and the keys of their models go to \(self) in the clear, and whoever is on "
            + "the way can give the engine orders: use ssh://, or TLS (DOCKER_TLS_VERIFY)."
    }

    /// Why the socket cannot be used, seen without connecting; `nil` = it may work.
    var socketProblem: String? {
        guard let socketPath else { return nil }
        guard access(socketPath, R_OK | W_OK) != 0 else { return nil }
        guard errno == EACCES else { return "no such socket" }
        // Who owns it is only part of a hint.
        let attributes = try? FileManager.default.attributesOfItem(atPath: socketPath)
        let group = attributes?[.groupOwnerAccountName] as? String ?? "docker"
        return "no permission; join the group \(group) (sudo usermod -aG \(group) $USER, then log in again)"
    }
}
