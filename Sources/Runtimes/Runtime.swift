package import Domain
package import FoundationEssentials

/// Where runs execute.
///
/// Everything a runtime makes is labelled with project, agent and run and found again by that, so that a new scheduler process
/// can adopt what an old one left. What talks to an engine or to the system does so beside the actor that asks for it: a run
/// that prints without a pause must not keep its scheduler from anything else.
package protocol Runtime: Sendable {
    var kind: RuntimeKind { get }

    /// Whether a run that gets ``Launch/egressDirectory`` has no other way out.
    var controlsEgress: Bool { get }

    /// Whether runs are on another machine, where the gateway is found only under an address that somebody wrote down.
    var isElsewhere: Bool { get }

    /// Makes sure that runs can be started here and prepares what all of them share (the docker network).
    ///
    /// - Returns: how runs reach the gateway.
    /// - Throws: ``RuntimeError`` whose text names the remedy.
    @concurrent func prepare(project: ProjectID) async throws -> GatewayRoute

    /// Builds what the agents need; work whose inputs did not change is skipped.
    ///
    /// - Parameters:
    ///   - agents: those that may run.
    ///   - project: where they are.
    ///   - onProgress: called with the agent (`nil` = shared base) and one line of progress.
    /// - Returns: per agent its image, or why there is none.
    /// - Throws: ``RuntimeError`` when what all agents share cannot be built.
    @concurrent func buildImages(
        for agents: [AgentConfig],
        project: ProjectDirectory,
        onProgress: @Sendable (AgentName?, String) -> Void
    ) async throws -> [AgentName: ImageResult]

    /// Starts a run. Starting the same run id again returns the handle of the first start.
    @concurrent func launch(_ launch: Launch) async throws -> RunHandle

    /// Delivers the run's output until it ended and everything was delivered.
    ///
    /// Repeats nothing at or before `position`; reconnects by itself.
    @concurrent func follow(
        _ handle: RunHandle,
        from position: String?,
        onLine: @escaping @Sendable (OutputLine) async -> Void
    ) async throws

    /// Waits for the end of a run; also for one that another process started.
    @concurrent func wait(for handle: RunHandle) async throws -> RunEnd

    /// Ends a run: SIGTERM, after `grace` SIGKILL; zero = SIGKILL at once. Returns for a run that is already gone.
    @concurrent func kill(_ handle: RunHandle, grace: Duration) async throws

    /// Every run of this project that this runtime still knows, ended or not.
    @concurrent func list(project: ProjectID) async throws -> [KnownRun]

    /// Deletes what is left of an ended run. Doing it twice is fine.
    @concurrent func remove(_ handle: RunHandle) async throws

    /// Gives up what this process holds to reach its runs, such as a connection; the runs go on.
    func close() async
}

extension Runtime {
    /// No: most runtimes start processes of this machine.
    package var isElsewhere: Bool { false }

    /// ``ImageResult/notNeeded`` for all: most runtimes run the programs of this machine.
    package func buildImages(
        for agents: [AgentConfig],
        project: ProjectDirectory,
        onProgress: @Sendable (AgentName?, String) -> Void
    ) async throws -> [AgentName: ImageResult] {
        Dictionary(uniqueKeysWithValues: agents.map { ($0.name, .notNeeded) })
    }

    /// Nothing: most runtimes hold nothing.
    package func close() async {}
}

/// 12 hex digits of the SHA-256 of the project's absolute path.
package struct ProjectID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// Wraps the digits.
    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }
}

/// Where the project is.
package struct ProjectDirectory: Hashable, Sendable {
    package let id: ProjectID
    /// Absolute path.
    package let path: String

    /// Collects both.
    package init(id: ProjectID, path: String) {
        self.id = id
        self.path = path
    }
}

/// Everything needed to start one run.
package struct Launch: Sendable {
    package var project: ProjectDirectory
    package var agent: AgentConfig
    package var instance: InstanceID
    package var trigger: Trigger
    /// `nil` where the runtime needs none.
    package var image: String?
    /// The trigger part of the prompt (`70` §8 of the specification: the suffix).
    package var prompt: String
    /// Base URL of the gateway as the run sees it; empty = it sees none.
    package var gatewayURL: String
    /// The run's secret for the gateway.
    package var secret: String
    /// Directory whose `mount/` holds the staged credentials as `<type>/<instance>/<field>`; `nil` = no credentials.
    package var stagingDirectory: String?
    package var limits: LocalSettings
    /// Seconds between SIGTERM and SIGKILL.
    package var stopGrace: Int
    /// Directory with the socket of the one way out; `nil` = the run has an open network.
    package var egressDirectory: String?
    /// Further variables of the run (`AL_CALLABLE_AGENTS`, …).
    package var environment: [String: String]

    /// Collects the facts.
    package init(
        project: ProjectDirectory,
        agent: AgentConfig,
        instance: InstanceID,
        trigger: Trigger,
        image: String?,
        prompt: String,
        gatewayURL: String,
        secret: String,
        stagingDirectory: String?,
        limits: LocalSettings,
        stopGrace: Int,
        egressDirectory: String? = nil,
        environment: [String: String] = [:]
    ) {
        self.project = project
        self.agent = agent
        self.instance = instance
        self.trigger = trigger
        self.image = image
        self.prompt = prompt
        self.gatewayURL = gatewayURL
        self.secret = secret
        self.stagingDirectory = stagingDirectory
        self.limits = limits
        self.stopGrace = stopGrace
        self.egressDirectory = egressDirectory
        self.environment = environment
    }
}

/// How runs of a runtime reach the gateway.
package struct GatewayRoute: Hashable, Sendable {
    /// Address on this machine where the gateway must listen besides its main listener; `nil` = loopback is enough.
    package var listenAddress: String?
    /// Whether that address comes and goes with the runs, so that nobody can listen on it beforehand.
    package var comesWithRuns: Bool
    /// Host name or address that runs use; `nil` = this machine cannot be reached from where they are.
    package var host: String?

    /// Collects the facts.
    package init(listenAddress: String?, host: String?, comesWithRuns: Bool = false) {
        self.listenAddress = listenAddress
        self.host = host
        self.comesWithRuns = comesWithRuns
    }
}

/// The outcome of building one agent's image.
package enum ImageResult: Hashable, Sendable {
    /// Image id.
    case built(String)
    case notNeeded
    /// Why there is none, for people.
    case failed(String)
}

/// A text that finds a run again after a restart of the scheduler.
package struct RunHandle: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// Wraps the text.
    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }
}

/// One line of a run's output.
package struct OutputLine: Hashable, Sendable {
    /// Where the line came from.
    package enum Stream: String, Hashable, Sendable { case standardOutput, standardError }

    package var stream: Stream
    /// Without the final newline; at most 256 KiB, longer lines are cut and marked.
    package var text: String
    /// Resume position behind this line.
    package var position: String

    /// Collects the facts.
    package init(stream: Stream, text: String, position: String) {
        self.stream = stream
        self.text = text
        self.position = position
    }
}

/// How the process or container of a run ended.
package struct RunEnd: Hashable, Sendable {
    /// Why it is over.
    package enum Cause: String, Hashable, Sendable { case exited, outOfMemory, vanished }

    /// `nil` when nobody can know it.
    package var code: Int?
    package var cause: Cause
    /// When it ended, by the clock of where it ran; `nil` when nobody noted it.
    package var time: Date?

    /// Collects the facts.
    package init(code: Int?, cause: Cause, time: Date? = nil) {
        self.code = code
        self.cause = cause
        self.time = time
    }
}

/// A run that a runtime still knows.
package struct KnownRun: Hashable, Sendable {
    package var handle: RunHandle
    package var agent: String
    package var runID: RunID
    package var isRunning: Bool
    /// Whether it ran at all: who created it may have ended before starting it.
    package var wasStarted: Bool

    /// Collects the facts.
    package init(handle: RunHandle, agent: String, runID: RunID, isRunning: Bool, wasStarted: Bool = true) {
        self.handle = handle
        self.agent = agent
        self.runID = runID
        self.isRunning = isRunning
        self.wasStarted = wasStarted
    }
}

/// A failure of a runtime.
package struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Hashable, Sendable {
        case unavailable, imageMissing, buildFailed, launchFailed, engine, vanished
        /// The network of runs may be gone.
        case networkFailed
        /// What answers is rootless Podman, whose containers do not reach the gateway.
        case rootless
    }

    package var code: Code
    /// What is wrong and what to do, for people.
    package var message: String
    /// Trying again soon may help.
    package var isTransient: Bool

    /// Collects the facts.
    package init(code: Code, message: String, isTransient: Bool = false) {
        self.code = code
        self.message = message
        self.isTransient = isTransient
    }

    package var description: String { message }
}
