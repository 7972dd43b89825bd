import Foundation
import Synchronization

/// Starts a shell in a session of its own.
///
/// swift-subprocess stops reading when the process ends, so that what `server &` prints later would be lost, and offers no
/// `setsid` together with one pipe for both streams. `posix_spawn` can do all three, and costs less than a millisecond.
enum ChildProcess {
    /// A running shell: leader of its session and process group.
    struct Handle {
        let processID: pid_t
        /// Reading end of the pipe that is both standard output and standard error; does not block.
        let pipe: Int32
    }

    /// Starts `bash -c command`, or `sh -c` where there is no bash, with empty standard input.
    static func start(_ command: String, directory: String, environment: [String: String]) throws -> Handle {
        guard FileAccess.kind(of: directory) == .directory else {
            throw HarnessError(
                .missingDirectory,
                "The working directory \(directory) does not exist, so no command can run. Create it with write."
            )
        }
        // The system would take what stands before it for the whole command.
        guard !command.utf8.contains(0) else {
            throw HarnessError(.spawnFailed, "The command holds a NUL character. Write it as \\0 for printf instead.")
        }
        // A pipe is made close-on-exec in a second step: a command started in between would hold it open.
        return try spawning.withLock { _ in
            var ends: [Int32] = [-1, -1]
            guard openPipe(&ends) == 0 else { throw systemError("pipe", errno) }
            defer { close(ends[1]) }
            do {
                let child = try spawn(command, directory: directory, environment: environment, output: ends[1])
                _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
                return Handle(processID: child, pipe: ends[0])
            } catch {
                close(ends[0])
                throw error
            }
        }
    }

    private static let spawning = Mutex(())

    /// The shell for commands.
    static func shell(path: String) -> String {
        let candidates = ["/bin/bash"] + path.split(separator: ":").map { "\($0)/bash" }
        return candidates.first { access($0, X_OK) == 0 } ?? "/bin/sh"
    }

    private static func openPipe(_ ends: inout [Int32]) -> Int32 {
        guard pipe(&ends) == 0 else { return -1 }
        return ends.contains { fcntl($0, F_SETFD, FD_CLOEXEC) != 0 } ? -1 : 0
    }

    private static func spawn(
        _ command: String,
        directory: String,
        environment: [String: String],
        output: Int32
    ) throws -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        #if canImport(Darwin)
            posix_spawn_file_actions_addchdir_np(&actions, directory)
        #else
            guard let changeDirectory = GNUSpawn.changeDirectory else {
                throw systemError("changing directory", ENOSYS)
            }
            _ = directory.withCString { changeDirectory(&actions, $0) }
            // Descriptors that somebody opened without close-on-exec are no business of the model's commands.
            _ = GNUSpawn.closeFrom?(&actions, 3)
        #endif
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        #if canImport(Darwin)
            flags |= Int32(POSIX_SPAWN_SETSID) | Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #else
            // Declared by the C library for GNU sources only.
            flags |= 0x80
        #endif
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let shell = shell(path: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        var processID: pid_t = 0
        let status = withStrings([shell, "-c", command]) { arguments in
            withStrings(variables) { posix_spawn(&processID, shell, &actions, &attributes, arguments, $0) }
        }
        guard status == 0 else { throw systemError("starting \(shell)", status) }
        return processID
    }

    private static func withStrings(
        _ strings: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var pointers = strings.map { strdup($0) }
        pointers.append(nil)
        defer { pointers.forEach { free($0) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return EINVAL }
            return body(base)
        }
    }

    private static func systemError(_ what: String, _ code: Int32) -> HarnessError {
        let hint = code == E2BIG ? " Write the text to a file first and use the file." : ""
        return HarnessError(
            .spawnFailed,
            "Cannot run the command: \(what) failed: \(FileAccess.systemText(code)).\(hint)"
        )
    }
}

#if !canImport(Darwin)
    /// File actions that the C library has but declares for GNU sources only, so that Swift does not see them.
    private enum GNUSpawn {
        typealias ChangeDirectory =
            @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> Int32
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

        static let changeDirectory = dlsym(nil, "posix_spawn_file_actions_addchdir_np")
            .map { unsafeBitCast($0, to: ChangeDirectory.self) }
        static let closeFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np")
            .map { unsafeBitCast($0, to: CloseFrom.self) }
    }
#endif
