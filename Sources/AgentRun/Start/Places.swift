import AgentCommands
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The directories of a run.
struct Places: Hashable, Sendable {
    let work: String
    let home: String
    let temporary: String
    /// In-run commands.
    let commands: String?
    let credentials: String
    let signals: SignalDirectory

    /// Finds them.
    init(_ environment: [String: String], isBaked: Bool) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let current = FileManager.default.currentDirectoryPath
        work = variable("AL_WORK_DIR") ?? (isBaked ? "/workspace" : current)
        temporary = variable("TMPDIR") ?? "/tmp"
        commands = variable("AL_BIN_DIR") ?? (isBaked ? "/app/bin" : nil)
        credentials = variable("AL_CREDENTIALS_PATH") ?? "/credentials"
        signals = SignalDirectory(
            path: variable("AL_SIGNAL_DIR") ?? (isBaked ? "/tmp/signals" : "\(temporary)/signals")
        )
        let ordinary = "/home/node"
        home =
            isBaked
            ? (Self.isWritable(ordinary) ? ordinary : "/tmp") : variable("HOME") ?? temporary
    }

    /// Creates what is missing, forgets signals of an earlier run and checks that everything can be written.
    ///
    /// - Throws: ``RunFailure`` naming the path.
    func prepare() throws(RunFailure) {
        do {
            try signals.create()
            try signals.clear()
        } catch {
            throw RunFailure(
                .directories,
                "the directory for signals \(signals.path) cannot be written: \(error). Is a tmpfs missing at /tmp?"
            )
        }
        guard Self.isWritable(work) else {
            throw RunFailure(
                .directories,
                "the working directory \(work) cannot be written by uid \(getuid()). Is a tmpfs missing there?"
            )
        }
    }

    /// Where files can be written, and how much.
    func writable() -> [PromptFacts.WritablePlace] {
        var seen: Set<String> = []
        return [work, "/tmp", home].compactMap { path in
            guard seen.insert(path).inserted, Self.isWritable(path) else { return nil }
            var facts = statvfs()
            guard statvfs(path, &facts) == 0 else { return nil }
            return .init(path: path, size: Int(facts.f_blocks) * Int(facts.f_frsize))
        }
    }

    private static func isWritable(_ path: String) -> Bool { access(path, W_OK | X_OK) == 0 }
}
