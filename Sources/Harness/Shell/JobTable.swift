import Synchronization

/// The commands of a session that run in the background.
package final class JobTable: Sendable {
    private struct State {
        var running: [ObjectIdentifier: ShellProcess] = [:]
        var jobs: [String: ShellProcess] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    init() {}

    /// Holds a command while it runs, so that the end of the session reaches it.
    func enter(_ process: ShellProcess) {
        state.withLock { $0.running[ObjectIdentifier(process)] = process }
    }

    /// Forgets a command that ended.
    func leave(_ process: ShellProcess) {
        state.withLock { $0.running[ObjectIdentifier(process)] = nil }
    }

    /// Makes a command a job.
    ///
    /// - Returns: its id.
    func promote(_ process: ShellProcess) -> String {
        state.withLock { state in
            state.count += 1
            let id = "job-\(state.count)"
            state.jobs[id] = process
            return id
        }
    }

    func job(_ id: String) -> ShellProcess? { state.withLock { $0.jobs[id] } }

    /// Ids of all jobs, the ended ones too.
    var ids: [String] { state.withLock { $0.jobs.keys.sorted() } }

    /// Ends every command of the session: asks, waits two seconds, kills.
    package func endAll() async {
        let all = takeAll()
        all.forEach { $0.terminate() }
        await withTaskGroup { group in
            for process in all { group.addTask { await process.end(within: 3) } }
        }
    }

    /// Kills every process group of the session at once, without waiting.
    package func killAll() { takeAll().forEach { $0.killNow() } }

    private func takeAll() -> [ShellProcess] {
        state.withLock { Array($0.running.values) }.filter { $0.phase != .ended }
    }
}
