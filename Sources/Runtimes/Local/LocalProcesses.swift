import Domain
import Foundation

/// Runs that are processes of this machine: what `host` and `sandbox` have in common.
struct LocalProcesses: Sendable {
    let project: ProjectDirectory
    let clock: any Clock<Duration>
    private let children = ChildProcesses()

    /// Time between two looks at a run.
    private static let interval = Duration.milliseconds(20)

    /// Notes down its own identity before it becomes the run.
    ///
    /// So a scheduler that dies between starting and recording leaves no run that the next one cannot find. Core dumps are
    /// off: they would hold secrets. What the run itself makes has the modes that it has in a container.
    private static let wrapper = """
        umask 077; ulimit -c 0; ulimit -Sn "$4"; cd "$2" || exit 1; read -r line </proc/$$/stat; echo "$line" >"$1"
        for file in $3; do echo 0 >"$file" || exit 1; done
        umask 022; shift 4; exec "$@"
        """

    /// What is to be started.
    struct Command {
        var arguments: [String]
        var environment: [String: String]
        var workingDirectory: String
        /// Files that the program gets opened for reading, from ``ChildProcesses/firstFile`` on.
        var files: [String] = []
        /// Limits what the run and everything below it takes; `nil` = nothing does.
        var group: ControlGroup?
    }

    init(project: ProjectDirectory, clock: any Clock<Duration>) {
        self.project = project
        self.clock = clock
    }

    /// Starts a run unless it was started before; `command` is asked what to start once the run's directory exists.
    func launch(
        _ instance: InstanceID,
        command: (RunDirectory) throws -> Command
    ) async throws -> RunHandle {
        let directory = RunDirectory(instance: instance, project: project)
        guard try directory.create() else {
            if let process = try await startedProcess(of: directory) { return process.handle }
            // The directory of a launch that was cut off before its process began: nothing of it ran.
            try directory.delete()
            guard try directory.create() else {
                throw RuntimeError(code: .launchFailed, message: "\(directory.path) is being made by another process.")
            }
            return try await start(directory, command: command)
        }
        return try await start(directory, command: command)
    }

    private func start(
        _ directory: RunDirectory,
        command: (RunDirectory) throws -> Command
    ) async throws -> RunHandle {
        let pid: Int32
        do {
            let parts = try command(directory)
            if let group = parts.group { try directory.note(group) }
            pid = try children.start(
                ChildProcesses.Command(
                    executable: "/bin/sh",
                    arguments: [
                        "sh", "-c", Self.wrapper, "sh", directory.processFile, parts.workingDirectory,
                        (parts.group?.joinFiles ?? []).joined(separator: " "), OpenFileLimit.inherited,
                    ]
                        + parts.arguments,
                    environment: parts.environment,
                    files: parts.files,
                    outputPath: directory.output,
                    errorPath: directory.errors
                )
            )
        } catch {
            // The reason of the failed start is what people must see.
            try? directory.delete()
            throw error
        }
        guard let stat = ProcessStat(pid: pid) else {
            throw RuntimeError(
                code: .launchFailed,
                message: "The process of \(directory.instance) cannot be found in /proc."
            )
        }
        return ProcessIdentity(pid: pid, startTime: stat.startTime, bootID: ProcessIdentity.currentBootID).handle
    }

    /// The process that an earlier launch started; it may be just about to note itself down.
    private func startedProcess(of directory: RunDirectory) async throws -> ProcessIdentity? {
        for _ in 0..<10 {
            if let process = directory.process { return process }
            try await clock.sleep(for: Self.interval)
        }
        return nil
    }

    /// Whether the run goes on; reaps it when it is our child.
    private func isRunning(_ process: ProcessIdentity) -> Bool {
        let child = children.status(of: process.pid)
        return child.isChild ? child.code == nil : process.isAlive
    }

    private func directory(of process: ProcessIdentity) -> RunDirectory? {
        RunDirectory.all(of: project).first { $0.process == process }
    }

    /// The run directory of a process that may have been started this very moment.
    private func awaitDirectory(of process: ProcessIdentity) async throws -> RunDirectory? {
        while true {
            let wasRunning = isRunning(process)
            if let directory = directory(of: process) { return directory }
            guard wasRunning else { return nil }
            try await clock.sleep(for: Self.interval)
        }
    }

    private func identity(_ handle: RunHandle) throws -> ProcessIdentity {
        if let process = ProcessIdentity(handle) { return process }
        throw RuntimeError(code: .vanished, message: "\(handle) is no handle of a local run.")
    }

    /// See ``Runtime/follow(_:from:onLine:)``.
    func follow(
        _ handle: RunHandle,
        from position: String?,
        onLine: @escaping @Sendable (OutputLine) async -> Void
    ) async throws {
        let process = try identity(handle)
        guard let directory = try await awaitDirectory(of: process) else { return }
        var tail = OutputTail(output: directory.output, errors: directory.errors, position: position)
        while true {
            try Task.checkCancellation()
            // Asked before reading: what was written until then is all there will be.
            let goesOn = isRunning(process)
            let piece = tail.next()
            for line in piece.lines { await onLine(line) }
            if piece.isAtEnd, !goesOn { break }
            // A run may print for ever faster than it is read: one piece at a time, so that others get their turn.
            if goesOn || piece.lines.isEmpty { try await clock.sleep(for: Self.interval) } else { await Task.yield() }
        }
        for line in tail.finish() { await onLine(line) }
    }

    /// See ``Runtime/wait(for:)``.
    func wait(for handle: RunHandle) async throws -> RunEnd {
        let process = try identity(handle)
        while isRunning(process) { try await clock.sleep(for: Self.interval) }
        if let code = children.status(of: process.pid).code {
            // The run itself may live on when the kernel ends one of its tools.
            let isShort = code == 137 && directory(of: process)?.group?.wasOutOfMemory == true
            return RunEnd(code: code, cause: isShort ? .outOfMemory : .exited)
        }
        return directory(of: process)?.reportedEnd ?? RunEnd(code: nil, cause: .vanished)
    }

    /// See ``Runtime/kill(_:grace:)``; `target` names the process (negative: group) that gets SIGTERM.
    func kill(_ handle: RunHandle, grace: Duration, target: (ProcessIdentity) -> Int32) async throws {
        guard let process = ProcessIdentity(handle), isRunning(process) else { return }
        if grace > .zero {
            _ = Foundation.kill(target(process), SIGTERM)
            var waited = Duration.zero
            while waited < grace, isRunning(process) {
                try await clock.sleep(for: Self.interval)
                waited += Self.interval
            }
        }
        guard isRunning(process) else { return }
        // Tools have groups of their own: everything below is looked up before its parents are gone.
        for pid in ProcessStat.tree(of: process.pid, in: ProcessStat.all()) { _ = Foundation.kill(pid, SIGKILL) }
        while isRunning(process) { try await clock.sleep(for: Self.interval) }
        if let directory = directory(of: process) { killRemnants(of: directory.instance) }
    }

    /// Ends what is left of a run: tools have sessions of their own and live on when the run is ended from outside.
    private func killRemnants(of instance: InstanceID) {
        // One that starts another while it is looked for is found by the next look.
        for _ in 0..<10 {
            let remnants = ProcessStat.pids(withVariable: "AL_INSTANCE_ID=\(instance)")
            guard !remnants.isEmpty else { return }
            for pid in remnants { _ = Foundation.kill(pid, SIGKILL) }
        }
    }

    /// Deletes the directories of launches that were cut off before their process began.
    func sweep() {
        // What cannot be deleted now is tried again at the next start.
        for directory in RunDirectory.all(of: project) where directory.process == nil { try? directory.delete() }
    }

    /// Every run that left a directory.
    func list() -> [KnownRun] {
        RunDirectory.all(of: project).compactMap { directory in
            guard let process = directory.process else { return nil }
            return KnownRun(
                handle: process.handle,
                agent: directory.instance.agent.rawValue,
                runID: directory.instance.run,
                isRunning: isRunning(process)
            )
        }
    }

    /// Deletes the directory of a run, and ends what still uses it.
    func remove(_ handle: RunHandle) throws {
        guard let process = ProcessIdentity(handle) else { return }
        defer { children.forget(process.pid) }
        guard let directory = directory(of: process) else { return }
        killRemnants(of: directory.instance)
        try directory.delete()
    }
}
