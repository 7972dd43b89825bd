package import Domain
package import FoundationEssentials
package import Runtimes

/// A runtime of made-up runs that a test steers; it outlives the schedulers that use it.
package actor FakeRuntime: Runtime {
    /// What a run does by itself once launched.
    package struct Script: Sendable {
        /// Lines of standard output.
        package var lines: [String]
        /// `nil`: it lives until the test or a kill ends it.
        package var exitCode: Int?

        /// A run that prints and perhaps ends.
        package init(lines: [String] = [], exitCode: Int? = nil) {
            self.lines = lines
            self.exitCode = exitCode
        }
    }

    /// What a runtime is asked to do, and what it may not answer.
    package enum Operation: Hashable, Sendable { case launch, follow, kill, remove }

    private struct Run {
        var launch: Launch
        var lines: [String]
        var end: RunEnd?
        var wasStarted = true
    }

    package nonisolated let kind: RuntimeKind
    package nonisolated let controlsEgress: Bool
    private let script: @Sendable (Launch) -> Script
    private var runs: [RunHandle: Run] = [:]
    private var failures: [RuntimeError] = []
    private var images: [AgentName: ImageResult] = [:]
    private var buildFailure: RuntimeError?
    private var silence: RuntimeError?
    private var refused: Set<Operation> = []
    private var losesAnswer = false
    private var needsImages = false
    private var holdsBuilds = false
    private var holdsLists = false
    private var ignoresTermination = false
    private var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    private var nextWatcher = 0
    private var mostAtOnce = 0
    /// The most runs of each agent that were ever alive together.
    package private(set) var peaks: [AgentName: Int] = [:]
    /// Every start that was not a repetition, in order.
    package private(set) var launches: [Launch] = []
    /// Kills in order.
    package private(set) var kills: [(instance: InstanceID, grace: Duration)] = []

    /// A runtime whose runs follow the script.
    package init(
        kind: RuntimeKind = .host,
        controlsEgress: Bool = false,
        script: @escaping @Sendable (Launch) -> Script = { _ in Script() }
    ) {
        self.kind = kind
        self.controlsEgress = controlsEgress
        self.script = script
    }

    /// Lets the next launches fail, one by one.
    package func failNextLaunches(_ errors: [RuntimeError]) { failures = errors }

    /// Gives agents other images than ``ImageResult/notNeeded``.
    package func setImages(_ images: [AgentName: ImageResult]) { self.images = images }

    /// Lets the build of what all agents share fail.
    package func failBuild(_ error: RuntimeError) { buildFailure = error }

    /// Lets it answer no question about its runs any more; `nil` = it does again.
    package func setSilence(_ error: RuntimeError?) { silence = error }

    /// Lets these fail for a reason that may pass, until told otherwise.
    package func refuse(_ operations: Set<Operation>) {
        refused = operations
        notify()
    }

    /// Lets runs live on when they are asked to end: to have them killed takes until they do.
    package func ignoreTermination() { ignoresTermination = true }

    /// Does what the next launch asks, but lets the answer get lost.
    package func loseNextAnswer() { losesAnswer = true }

    /// Launches nothing without an image that was built, as engines do.
    package func requireImages() { needsImages = true }

    /// Lets builds take until ``releaseBuilds()``.
    package func holdBuilds() { holdsBuilds = true }

    package func releaseBuilds() {
        holdsBuilds = false
        notify()
    }

    /// Lets lists of its runs take until ``releaseLists()``.
    package func holdLists() { holdsLists = true }

    package func releaseLists() {
        holdsLists = false
        notify()
    }

    /// Ends a run; `time` is what the runtime notes of it.
    package func finish(_ instance: InstanceID, code: Int = 0, at time: Date? = nil) {
        change(instance) { $0.end = $0.end ?? RunEnd(code: code, cause: .exited, time: time) }
    }

    /// Makes of a run what is left when its scheduler dies between creating and starting it: an engine says that it ended with 0.
    package func neverStart(_ instance: InstanceID) {
        change(instance) { run in
            run.wasStarted = false
            run.lines = []
            run.end = RunEnd(code: 0, cause: .exited)
        }
    }

    /// Takes a run away without a trace, as when somebody removes its container.
    package func vanish(_ instance: InstanceID) {
        runs[Self.handle(of: instance)] = nil
        notify()
    }

    /// Lets a run print a line.
    package func print(_ line: String, by instance: InstanceID) { change(instance) { $0.lines.append(line) } }

    /// Runs that have not ended, in the order of their launch.
    package var alive: [InstanceID] {
        launches.map(\.instance).filter { runs[Self.handle(of: $0)].map { $0.end == nil } ?? false }
    }

    /// The most runs that were ever alive together.
    package var peak: Int { mostAtOnce }

    /// Runs that nobody has removed yet.
    package var remaining: Int { runs.count }

    package func prepare(project: ProjectID) -> GatewayRoute { GatewayRoute(listenAddress: nil, host: "127.0.0.1") }

    package func buildImages(
        for agents: [AgentConfig],
        project: ProjectDirectory,
        onProgress: @Sendable (AgentName?, String) -> Void
    ) async throws -> [AgentName: ImageResult] {
        for await _ in watch() where !holdsBuilds { break }
        try Task.checkCancellation()
        if let buildFailure { throw buildFailure }
        let results = agents.map { ($0.name, images[$0.name] ?? .notNeeded) }
        return Dictionary(results, uniquingKeysWith: { first, _ in first })
    }

    package func launch(_ launch: Launch) throws -> RunHandle {
        let handle = Self.handle(of: launch.instance)
        if losesAnswer {
            losesAnswer = false
            start(launch)
            throw Self.noAnswer
        }
        try refuse(.launch)
        if needsImages, launch.image == nil {
            throw RuntimeError(code: .imageMissing, message: "\(launch.agent.name) has no image")
        }
        if runs[handle]?.wasStarted == true { return handle }
        if !failures.isEmpty { throw failures.removeFirst() }
        start(launch)
        return handle
    }

    private static let noAnswer = RuntimeError(code: .unavailable, message: "no answer", isTransient: true)

    private func refuse(_ operation: Operation) throws {
        if refused.contains(operation) { throw Self.noAnswer }
    }

    private func start(_ launch: Launch) {
        let script = script(launch)
        runs[Self.handle(of: launch.instance)] = Run(
            launch: launch,
            lines: script.lines,
            end: script.exitCode.map { RunEnd(code: $0, cause: .exited) }
        )
        launches.append(launch)
        let alive = alive
        mostAtOnce = max(mostAtOnce, alive.count)
        let name = launch.agent.name
        peaks[name] = max(peaks[name, default: 0], alive.count { $0.agent == name })
        notify()
    }

    package func follow(
        _ handle: RunHandle,
        from position: String?,
        onLine: @escaping @Sendable (OutputLine) async -> Void
    ) async throws {
        var index = position.flatMap(Int.init) ?? 0
        for await _ in watch() {
            try refuse(.follow)
            while let run = runs[handle], index < run.lines.count {
                let line = run.lines[index]
                index += 1
                await onLine(OutputLine(stream: .standardOutput, text: line, position: String(index)))
                try Task.checkCancellation()
            }
            guard let run = runs[handle], run.end == nil || index < run.lines.count else { return }
        }
        throw CancellationError()
    }

    package func wait(for handle: RunHandle) async throws -> RunEnd {
        for await _ in watch() {
            guard let run = runs[handle] else { return RunEnd(code: nil, cause: .vanished) }
            if let end = run.end { return end }
        }
        throw CancellationError()
    }

    package func kill(_ handle: RunHandle, grace: Duration) async throws {
        try refuse(.kill)
        guard let run = runs[handle] else { return }
        kills.append((run.launch.instance, grace))
        if ignoresTermination, grace > .zero {
            for await _ in watch() where runs[handle]?.end != nil { break }
            return
        }
        change(run.launch.instance) { $0.end = $0.end ?? RunEnd(code: grace == .zero ? 137 : 143, cause: .exited) }
    }

    package func list(project: ProjectID) async throws -> [KnownRun] {
        for await _ in watch() where !holdsLists { break }
        if let silence { throw silence }
        return runs.filter { $0.value.launch.project.id == project }.map { handle, run in
            KnownRun(
                handle: handle,
                agent: run.launch.agent.name.rawValue,
                runID: run.launch.instance.run,
                isRunning: run.end == nil,
                wasStarted: run.wasStarted
            )
        }
    }

    package func remove(_ handle: RunHandle) throws {
        try refuse(.remove)
        runs[handle] = nil
    }

    private static func handle(of instance: InstanceID) -> RunHandle { RunHandle(rawValue: "fake-\(instance)") }

    private func change(_ instance: InstanceID, _ body: (inout Run) -> Void) {
        let handle = Self.handle(of: instance)
        guard var run = runs[handle] else { return }
        body(&run)
        runs[handle] = run
        notify()
    }

    /// A stream with one element at once and one after each change.
    private func watch() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
        watchers[nextWatcher] = continuation
        nextWatcher += 1
        return stream
    }

    private func notify() {
        for (id, watcher) in watchers {
            if case .terminated = watcher.yield() { watchers[id] = nil }
        }
    }
}
