import Domain
package import FoundationEssentials
#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The right to be the one scheduler of a project: an advisory lock (`flock`) on `.al/scheduler.lock`.
///
/// The system frees it when the process ends, however it ends, so a file that nobody locks is stale and is taken over.
package struct ProjectLock: Sendable {
    /// What the lock of a project says of its scheduler.
    package enum State: Hashable, Sendable {
        /// One runs; the owner as far as the file says.
        case held(LockOwner?)
        /// None runs.
        case free
        /// This user may not read the file, or the system cannot tell.
        case unknown(path: String)
    }

    private let file: LockedFile

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - stateDirectory: the project's `.al`; created when absent.
    ///   - owner: written to the file for others to read.
    /// - Throws: ``ProjectLockError``.
    package init(stateDirectory: String, owner: LockOwner) throws {
        let path = Self.path(in: stateDirectory)
        do {
            try FileManager.default.createDirectory(
                atPath: stateDirectory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw ProjectLockError(code: .cannotOpen, path: path, owner: nil)
        }
        guard let file = LockedFile(path: path) else {
            throw ProjectLockError(code: .cannotOpen, path: path, owner: nil)
        }
        guard file.lock() else {
            throw ProjectLockError(code: .held, path: path, owner: LockOwner(text: file.read()))
        }
        file.replace(with: owner.json.compactText + "\n")
        self.file = file
    }

    /// Takes the lock, and tries again when it is held: once, as another command may just be looking at it, and up to two
    /// seconds when a dead scheduler of this machine left it behind: a child that it was just starting has the lock until it
    /// has become another program.
    ///
    /// - Parameters:
    ///   - stateDirectory: the project's `.al`; created when absent.
    ///   - owner: written to the file for others to read.
    ///   - clock: paces the attempts.
    /// - Returns: the lock.
    /// - Throws: ``ProjectLockError``, `CancellationError`.
    package static func take(
        stateDirectory: String,
        owner: LockOwner,
        clock: any Clock<Duration>
    ) async throws -> ProjectLock {
        for attempt in 0..<100 {
            do {
                return try ProjectLock(stateDirectory: stateDirectory, owner: owner)
            } catch let error as ProjectLockError
                where error.code == .held
                && (attempt == 0 || error.isLeftBehind(on: owner.host))
            {
                try await clock.sleep(for: .milliseconds(20))
            }
        }
        return try ProjectLock(stateDirectory: stateDirectory, owner: owner)
    }

    /// Notes the port once it is known.
    package func update(_ owner: LockOwner) { file.replace(with: owner.json.compactText + "\n") }

    /// Notes that the scheduler was told to stop and waits for so many runs.
    package func noteDraining(_ runs: Int) {
        guard var owner = LockOwner(text: file.read()) else { return }
        owner.drainingRuns = runs
        update(owner)
    }

    /// Gives the lock back.
    ///
    /// Also happens when the last copy goes away.
    package func release() { file.unlock() }

    /// Looks whether somebody holds the lock of a project at the moment, without keeping others from looking too.
    package static func state(stateDirectory: String) -> State {
        let path = path(in: stateDirectory)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [ENOENT, ENOTDIR].contains(errno) ? .free : .unknown(path: path) }
        let file = LockedFile(descriptor: descriptor)
        return switch file.isTaken() {
        case true?: .held(LockOwner(text: file.read()))
        case false?: .free
        case nil: .unknown(path: path)
        }
    }

    private static func path(in stateDirectory: String) -> String { "\(stateDirectory)/scheduler.lock" }
}

/// What a running scheduler writes to its lock file, as a JSON object.
package struct LockOwner: Hashable, Sendable {
    package var process: Int32
    package var host: String
    /// Port of the gateway.
    package var port: Int
    package var startedAt: Date
    /// It was told to stop and waits for so many runs; `nil` = it works.
    package var drainingRuns: Int?

    /// Collects the facts.
    package init(process: Int32, host: String, port: Int, startedAt: Date, drainingRuns: Int? = nil) {
        self.process = process
        self.host = host
        self.port = port
        self.startedAt = startedAt
        self.drainingRuns = drainingRuns
    }

    init?(text: String) {
        // Behind the line the end of a longer older one may stand for a moment. What cannot be read only costs details.
        guard let json = try? JSONValue(parsing: String(text.prefix { $0 != "\n" })),
            let process = json["pid"]?.intValue.flatMap(Int32.init(exactly:)),
            let host = json["host"]?.stringValue, let port = json["port"]?.intValue,
            let time = json["startedAt"]?.intValue
        else { return nil }
        self.init(
            process: process,
            host: host,
            port: port,
            startedAt: Date(timeIntervalSince1970: Double(time) / 1000),
            drainingRuns: json["drainingRuns"]?.intValue
        )
    }

    var json: JSONValue {
        .object([
            "pid": .int(Int(process)), "host": .string(host), "port": .int(port),
            "startedAt": .int(Int(startedAt.timeIntervalSince1970 * 1000)),
            "drainingRuns": drainingRuns.map { .int($0) },
        ])
    }
}

/// Why the right to run the scheduler was not given.
package struct ProjectLockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Hashable, Sendable { case held, cannotOpen }

    package var code: Code
    /// The lock file.
    package var path: String
    /// Who holds it, as far as the file says.
    package var owner: LockOwner?

    /// Whether the process that took the lock is gone.
    fileprivate func isLeftBehind(on host: String) -> Bool {
        guard code == .held, let owner, owner.host == host else { return false }
        return kill(owner.process, 0) != 0 && errno == ESRCH
    }

    package var description: String {
        switch code {
        case .cannotOpen:
            return
                "cannot write \(path): .al must be a directory of the project, and you must be allowed to write there"
        case .held:
            guard let owner else {
                return "another scheduler of this project is running (\(path) is locked); stop it first"
            }
            if let runs = owner.drainingRuns {
                let what = runs == 1 ? "1 run" : "\(runs) runs"
                return "a scheduler of this project is still draining: pid \(owner.process) on \(owner.host), "
                    + "port \(owner.port), waits for \(what); end them with \"al stop --now\""
            }
            return "another scheduler of this project is running: pid \(owner.process) on \(owner.host), "
                + "port \(owner.port); stop it with \"al stop\" or \"al stop --now\""
        }
    }
}

private final class LockedFile: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    convenience init?(path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        self.init(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Whether somebody else has the lock alone; `nil` when the system does not say.
    func isTaken() -> Bool? {
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return false }
        return errno == EWOULDBLOCK ? true : nil
    }

    func unlock() { flock(descriptor, LOCK_UN) }

    func read() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    func replace(with text: String) {
        // In this order nobody who reads meanwhile finds an empty file.
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        ftruncate(descriptor, off_t(bytes.count))
    }
}
