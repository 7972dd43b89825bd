import Foundation
import Synchronization

/// Starts child processes that outlive us and remembers how our own children ended.
final class ChildProcesses: Sendable {
    /// What is to be started.
    struct Command: Sendable {
        /// Absolute path.
        var executable: String
        /// With the name at index 0.
        var arguments: [String]
        var environment: [String: String]
        /// Opened for reading as the descriptors from ``ChildProcesses/firstFile`` on.
        var files: [String] = []
        var outputPath: String
        var errorPath: String
    }

    /// Descriptor of the first of a command's files; shells keep what they open themselves above 9, where it is free.
    static let firstFile = 10

    private enum Child: Sendable {
        case running
        case ended(Int)
    }

    private let children = Mutex<[Int32: Child]>([:])

    /// Starts a process in a session of its own, without any open file but the three standard ones and the command's.
    ///
    /// - Throws: ``RuntimeError`` (`launchFailed`).
    func start(_ command: Command) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        let write = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, command.outputPath, write, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, command.errorPath, write, 0o600)
        for descriptor in Self.inheritableDescriptors() { posix_spawn_file_actions_addclose(&actions, descriptor) }
        for (index, file) in command.files.enumerated() {
            posix_spawn_file_actions_addopen(&actions, Int32(Self.firstFile + index), file, O_RDONLY, 0)
        }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes,
            Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )
        let environment = command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var pid: pid_t = 0
        let status = Self.withCStrings(command.arguments) { arguments in
            Self.withCStrings(environment) { environment in
                posix_spawn(&pid, command.executable, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            throw RuntimeError(
                code: .launchFailed,
                message: "\(command.executable) could not be started: \(String(cString: strerror(status)))."
            )
        }
        children.withLock { $0[pid] = .running }
        return pid
    }

    /// Whether a process is our child, and its exit code once it ended (128 + signal when one ended it).
    func status(of pid: Int32) -> (isChild: Bool, code: Int?) {
        children.withLock { children in
            switch children[pid] {
            case nil: return (false, nil)
            case .ended(let code): return (true, code)
            case .running:
                var status: Int32 = 0
                let result = waitpid(pid, &status, WNOHANG)
                if result == 0 || (result == -1 && errno == EINTR) { return (true, nil) }
                guard result == pid else {
                    // Somebody else reaped it; only its output can tell more.
                    children[pid] = nil
                    return (false, nil)
                }
                let signal = status & 0x7f
                let code = signal == 0 ? Int((status >> 8) & 0xff) : 128 + Int(signal)
                children[pid] = .ended(code)
                return (true, code)
            }
        }
    }

    /// Forgets an ended child.
    func forget(_ pid: Int32) {
        _ = status(of: pid)
        children.withLock { if case .ended = $0[pid] { $0[pid] = nil } }
    }

    /// `POSIX_SPAWN_SETSID` of glibc's spawn.h, which Swift's import of it leaves out.
    private static let newSession: Int16 = 0x80

    /// Open files beyond the standard three that a child would inherit, whoever opened them.
    private static func inheritableDescriptors() -> [Int32] {
        // Without /proc nothing can be listed; our own files all close by themselves.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { descriptor in
            guard descriptor > 2 else { return false }
            let flags = fcntl(descriptor, F_GETFD)
            return flags >= 0 && flags & FD_CLOEXEC == 0
        }
    }

    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers)
    }
}
