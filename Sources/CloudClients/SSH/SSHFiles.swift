import Domain
import Foundation

/// The files of one connection, in a directory that nobody else can enter.
///
/// Whoever reaches the sockets acts on the server, so the path must be neither guessable nor where others could make it
/// first.
package struct SSHFiles: Hashable, Sendable {
    private let directory: String

    /// The master's socket.
    var control: String { "\(directory)/control" }
    /// A socket of the server, at this machine.
    package var forwarded: String { "\(directory)/engine" }
    /// What ssh had to say.
    var log: String { "\(directory)/log" }

    /// The kernel takes paths of at most 107 bytes, and ssh adds 17 to that of a new control socket.
    private static let longestParent = 60

    /// Makes a directory in the first place that will do: the session's, the user's own, the one for temporary files.
    ///
    /// - Parameters:
    ///   - runtimeDirectory: `XDG_RUNTIME_DIR`.
    ///   - home: the user's directory, normally `~/.action-llama`.
    /// - Throws: ``SSHError`` (`directory`) when none can be made.
    package init(runtimeDirectory: String?, home: String) throws {
        let session = runtimeDirectory.flatMap { $0.isEmpty ? nil : "\($0)/al" }
        for parent in [session, "\(home)/run"].compactMap(\.self) where Self.isUsable(parent) && Self.make(parent) {
            Self.sweep(parent)
            if let made = Self.makeUnique("\(parent)/\(getpid())-XXXXXX") {
                directory = made
                return
            }
        }
        guard let made = Self.makeUnique("/tmp/al-XXXXXX") else {
            throw SSHError.directory("/tmp", reason: String(cString: strerror(errno)))
        }
        directory = made
    }

    /// Names a directory that is there.
    init(at directory: String) { self.directory = directory }

    /// Makes the directory again if it was deleted meanwhile.
    func restore() throws {
        guard Self.make(directory) else {
            throw SSHError.directory(directory, reason: "it is not a directory that only you can enter")
        }
    }

    /// Takes away what an ended master left, which would keep the next one from starting.
    func clear() {
        for path in [control, forwarded, log] { unlink(path) }
    }

    /// Deletes everything.
    func remove() {
        clear()
        rmdir(directory)
    }

    /// Whether a master listens; it costs less than asking with `ssh -O check`.
    var hasMaster: Bool { UnixSocket.isServed(at: control) }

    /// The end of the log.
    var logText: String {
        // No log means that ssh had nothing to say.
        guard let content = FileManager.default.contents(atPath: log) else { return "" }
        return String(decoding: content.suffix(64 << 10), as: UTF8.self)
    }

    /// Whether paths below can stand in ssh's options as they are and leave room for the names of sockets.
    private static func isUsable(_ parent: String) -> Bool {
        parent.utf8.count <= longestParent && parent.hasPrefix("/")
            && parent.utf8.allSatisfy { $0.isLetterOrDigit || "/._-".utf8.contains($0) }
    }

    /// Makes a directory that only we can enter; one that is there must be ours.
    private static func make(_ path: String) -> Bool {
        makeParent(of: path)
        if mkdir(path, 0o700) == 0 { return true }
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == geteuid() else {
            return false
        }
        return facts.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0
    }

    /// Makes the directory that a file is to be in.
    static func makeParent(of path: String) {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard !FileManager.default.fileExists(atPath: parent) else { return }
        // What cannot be made fails when the file is written.
        try? FileManager.default.createDirectory(
            atPath: parent,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    private static func makeUnique(_ template: String) -> String? {
        var path = Array(template.utf8CString)
        return path.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
    }

    /// Deletes what processes left that are gone; their masters end by themselves.
    private static func sweep(_ parent: String) {
        // What cannot be listed is left alone.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
            let parts = name.split(separator: "-")
            guard parts.count == 2, let process = Int32(parts[0]), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
        }
    }
}
