package import AsyncHTTPClient
package import CloudClients
package import Domain
import NIOHTTP1
import Synchronization

/// Runs in containers of a Docker or Podman engine, one container a run.
package struct DockerRuntime: Runtime {
    package var kind: RuntimeKind { tunnel == nil ? .docker : .sshDocker }
    /// Only an engine of this machine can hand a socket of this machine to a container.
    package var controlsEgress: Bool { engine.endpoint.socketPath != nil && !engine.dialect.isDesktop }

    /// The engine in use, for people.
    package var engineDescription: String { "\(engine.dialect.isPodman ? "Podman" : "Docker") at \(engine.endpoint)" }

    let engine: EngineClient
    let builder: ImageBuilder
    let ownImage: String?
    /// How the engine of a server is reached; `nil` = directly.
    let tunnel: SSHTunnel?
    /// Whether containers do not find this machine as theirs.
    package var isElsewhere: Bool { tunnel != nil || engine.endpoint.isElsewhere }
    /// Stands for the project's id on an engine that several people share, whose paths to the project differ.
    private let sharedID: ProjectID?
    /// Tells the runs of this scheduler from those of others, whose project may have the same path or name; `nil` = nobody
    /// else uses the engine.
    let owner: String?
    let clock: any Clock<Duration>
    private let memory = EngineMemory()

    /// Connects to an engine.
    ///
    /// - Parameters:
    ///   - endpoint: see ``EngineEndpoint/candidates(environment:readFile:)``.
    ///   - tunnel: what leads to an endpoint of a server.
    ///   - sharedID: what labels the project's runs there instead of its own id.
    ///   - owner: what labels the runs of this scheduler on an engine that does not see this machine's files, since others
    ///     may use that too.
    ///   - http: made with ``EngineEndpoint/httpConfiguration``.
    ///   - clock: paces reconnecting and notices silent builds.
    ///   - executablePath: what becomes `/app/bin/al` in the base image; absolute and without links.
    ///   - buildID: tag of the images of this build: changes whenever the executable does.
    ///   - version: further tag and label.
    ///   - ownImage: `[local].image`.
    ///   - staticFiles: name → content of what an agent's image gets under `/app/static`.
    /// - Throws: ``RuntimeError`` (`unavailable`) when no engine answers.
    package init(
        endpoint: EngineEndpoint,
        tunnel: SSHTunnel? = nil,
        sharedID: ProjectID? = nil,
        owner: @autoclosure () throws -> String? = nil,
        http: HTTPClient,
        clock: any Clock<Duration>,
        executablePath: String,
        buildID: String,
        version: String,
        ownImage: String?,
        staticFiles: @escaping @Sendable (AgentConfig) throws -> [String: [UInt8]]
    ) async throws {
        engine = try await Self.connect(to: endpoint, through: tunnel, http: http)
        self.tunnel = tunnel
        self.sharedID = sharedID
        self.owner = endpoint.sharesFiles ? nil : try owner()
        self.clock = clock
        self.ownImage = ownImage
        builder = ImageBuilder(
            engine: engine,
            product: .init(buildID: buildID, version: version, executablePath: executablePath),
            staticFiles: staticFiles,
            clock: clock
        )
    }

    package func prepare(project: ProjectID) async throws -> GatewayRoute {
        let facts = try await networkFacts()
        if !engine.endpoint.sharesFiles { try await removeStrayVolumes(of: sharedID ?? project) }
        return !isElsewhere
            ? GatewayRoute(
                listenAddress: facts.listenAddress,
                host: "gateway",
                comesWithRuns: facts.comesWithContainers
            )
            : GatewayRoute(listenAddress: nil, host: nil)
    }

    package func close() async { await tunnel?.close() }

    package func launch(_ launch: Launch) async throws -> RunHandle {
        guard let image = launch.image else {
            throw RuntimeError(
                code: .imageMissing,
                message: "The agent \(launch.agent.name) has no image; build it first."
            )
        }
        var hasBuilt = false
        var hasLooked = false
        while true {
            do {
                return try await start(launch, image: memory.successor(ofImage: image))
            } catch let error as RuntimeError where error.code == .imageMissing && !hasBuilt {
                // Somebody tidied up: images of agents are in use by nobody between two runs.
                hasBuilt = true
                let agents = [launch.agent]
                let images = try await buildImages(for: agents, project: launch.project, onProgress: { _, _ in })
                guard case .built(let id) = images[launch.agent.name] else { throw error }
                // The scheduler knows the agent by the image that it had built.
                memory.note(successor: id, ofImage: image)
            } catch let error as RuntimeError where error.code == .networkFailed && !hasLooked {
                // The same for the network. Whether it is gone is seen from whether it can be found.
                hasLooked = true
                memory.network = nil
            }
        }
    }

    /// Makes and starts the container of a run, unless an earlier launch did.
    private func start(_ launch: Launch, image: String) async throws -> RunHandle {
        let facts = try await networkFacts()
        var launch = launch
        launch.project = labelled(launch.project)
        let name = ContainerSpec.name(of: launch.instance)
        let volumes = engine.endpoint.sharesFiles ? nil : try RunVolumes(launch)
        let spec = ContainerSpec(
            launch: launch,
            image: image,
            hostEntry: hostEntry(facts),
            processors: facts.processors,
            isPodman: engine.dialect.isPodman,
            promptFile: volumes == nil ? try promptFile(of: launch) : nil,
            seccompFile: volumes == nil ? try seccompFile(of: launch) : nil,
            volumes: volumes,
            owner: owner
        )
        do {
            try await make(volumes, for: launch)
            if try await engine.createContainer(name: name, body: spec.json) == false {
                // The same run again: an earlier scheduler may have died between creating and starting.
                guard try await engine.containerState(name)?.status == "created" else {
                    return RunHandle(rawValue: name)
                }
            }
            try await fill(volumes, of: name)
            try await engine.startContainer(name)
        } catch let error as RuntimeError where !error.isTransient {
            // Whatever the removal says, the reason of the failed start is what people must see.
            try? await remove(RunHandle(rawValue: name))
            throw error
        }
        return RunHandle(rawValue: name)
    }

    /// The project as containers, volumes and images name it.
    func labelled(_ project: ProjectDirectory) -> ProjectDirectory {
        ProjectDirectory(id: sharedID ?? project.id, path: project.path)
    }

    private func hostEntry(_ facts: NetworkFacts) -> String? {
        guard !isElsewhere else { return nil }
        return "gateway:\(facts.isLocal || engine.dialect.isPodman ? facts.bridge : "host-gateway")"
    }

    package func wait(for handle: RunHandle) async throws -> RunEnd {
        var delays = ReconnectDelays()
        while true {
            do {
                guard try await exists(untilEnd: handle),
                    let state = try await engine.containerState(handle.rawValue)
                else { return RunEnd(code: nil, cause: .vanished) }
                guard !state.isRunning else {
                    try await clock.sleep(for: delays.next())
                    continue
                }
                let isShort = state.wasOutOfMemory && state.exitCode == 137
                return RunEnd(
                    code: state.exitCode,
                    cause: isShort ? .outOfMemory : .exited,
                    time: state.finishedAt
                )
            } catch let error as RuntimeError where error.isTransient {
                try await clock.sleep(for: delays.next())
            }
        }
    }

    /// Waits until the container is not running; `false` when there is none.
    ///
    /// Over a network the answer may never come, when a machine in between forgets the connection: there it is looked at as well.
    private func exists(untilEnd handle: RunHandle) async throws -> Bool {
        guard engine.endpoint.isNetworked else { return try await engine.waitForContainer(handle.rawValue) }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { try await engine.waitForContainer(handle.rawValue) }
            group.addTask {
                while true {
                    try await clock.sleep(for: Self.lookInterval)
                    guard let state = try await engine.containerState(handle.rawValue) else { return false }
                    guard state.isRunning else { return true }
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    /// Between two looks at a run of an engine over a network.
    private static var lookInterval: Duration { .seconds(60) }

    package func kill(_ handle: RunHandle, grace: Duration) async throws {
        let seconds = grace.components.seconds + (grace.components.attoseconds > 0 ? 1 : 0)
        if seconds <= 0 {
            try await engine.killContainer(handle.rawValue)
        } else {
            try await engine.stopContainer(handle.rawValue, seconds: Int(seconds))
        }
    }

    package func list(project: ProjectID) async throws -> [KnownRun] {
        let containers = try await engine.listContainers(label: "\(ContainerSpec.projectLabel)=\(sharedID ?? project)")
        return containers.compactMap { container in
            let labels = container["Labels"]
            guard isOwn(labels), let agent = labels?[ContainerSpec.agentLabel]?.stringValue,
                let run = labels?[ContainerSpec.runLabel]?.stringValue.flatMap({ RunID($0) })
            else { return nil }
            let state = container["State"]?.stringValue
            // The engine puts a slash in front of names; a chat's container is not named after its agent alone.
            let name = container["Names"]?[0]?.stringValue.map { String($0.drop { $0 == "/" }) }
            return KnownRun(
                handle: RunHandle(rawValue: name ?? "al-\(agent)-\(run)"),
                agent: agent,
                runID: run,
                isRunning: state == "running" || state == "restarting" || state == "paused",
                wasStarted: state != "created"
            )
        }
    }

    /// Whether something with these labels is this scheduler's; what has no owner was made before there were any.
    func isOwn(_ labels: JSONValue?) -> Bool {
        guard let owner, let other = labels?[ContainerSpec.ownerLabel]?.stringValue else { return true }
        return other == owner
    }

    package func remove(_ handle: RunHandle) async throws {
        try await engine.removeContainer(handle.rawValue)
        try await removeVolumes(of: handle)
    }

    private func networkFacts() async throws -> NetworkFacts {
        if let known = memory.network { return known }
        let bridge = try await engine.ensureNetwork(ContainerSpec.network)
        let info = try await engine.send(.GET, "/info").require(200, to: "describe itself")
        let facts = NetworkFacts(
            bridge: bridge,
            isLocal: !isElsewhere && LocalAddress.exists(bridge),
            comesWithContainers: engine.dialect.isPodman && engine.endpoint.socketPath != nil
                && !engine.dialect.isRootless,
            processors: info.json?["NCPU"]?.intValue ?? 1
        )
        memory.network = facts
        return facts
    }
}

/// How containers and this machine reach each other.
private struct NetworkFacts: Hashable, Sendable {
    /// Address of the bridge.
    var bridge: String
    /// Whether that address is one of this machine (not so when the engine lives in a virtual machine).
    var isLocal: Bool
    /// Whether it is one as soon as a container runs: Podman removes a bridge that has none.
    var comesWithContainers: Bool
    var processors: Int

    /// Where the gateway is to listen for runs; `nil`: only where it listens anyway.
    var listenAddress: String? { isLocal || comesWithContainers ? bridge : nil }
}

/// What this process has learned of its engine.
private final class EngineMemory: Sendable {
    private let storedNetwork = Mutex<NetworkFacts?>(nil)
    private let successors = Mutex<[String: String]>([:])

    var network: NetworkFacts? {
        get { storedNetwork.withLock { $0 } }
        set { storedNetwork.withLock { $0 = newValue } }
    }

    /// The image to use for one that was built: what was made in its place when it was gone, else itself.
    func successor(ofImage id: String) -> String { successors.withLock { $0[id] } ?? id }

    func note(successor: String, ofImage id: String) { successors.withLock { $0[id] = successor } }
}
