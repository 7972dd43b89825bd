import Foundation

/// Where the sockets of a scheduler are: `.al/egress` of its project.
///
/// Runs get ``mount`` and see nothing but the proxy's socket in it. A directory is mounted, not the socket, so that a run
/// which outlives its scheduler finds the socket of the next one.
package struct EgressDirectory: Hashable, Sendable {
    private let path: String

    /// The directory of a project, whether or not it exists.
    ///
    /// - Parameter stateDirectory: absolute path of `.al`.
    package init(stateDirectory: String) { path = "\(stateDirectory)/egress" }

    /// What runs get.
    package var mount: String { "\(path)/mount" }
    /// The proxy's socket.
    package var proxySocket: String { "\(mount)/\(Self.socketName)" }
    /// Where the gateway listens for sealed runs; no run sees this file, only the proxy connects to it.
    package var gatewaySocket: String { "\(path)/gateway" }
    /// Name of the proxy's socket in ``mount``.
    package static let socketName = "proxy"

    /// What runs of this project are given instead of secrets is derived from this file.
    ///
    /// - Parameter randomBytes: fit for secrets; asked when there is no such file yet.
    /// - Returns: the derivation.
    /// - Throws: when the file can be neither read nor written.
    package func runKeys(randomBytes: (Int) -> [UInt8]) throws -> RunKeys {
        let file = "\(path)/key"
        if let data = FileManager.default.contents(atPath: file), data.count == RunKeys.size { return RunKeys(data) }
        let key = Data(randomBytes(RunKeys.size))
        guard FileManager.default.createFile(atPath: file, contents: key, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: file]) }
        return RunKeys(key)
    }

    /// Bytes of a socket's path, by the kernel.
    private static let longestPath = 107

    /// Whether sockets can be made here: the kernel takes paths of at most 107 bytes.
    package var isUsable: Bool { max(proxySocket.utf8.count, gatewaySocket.utf8.count) <= Self.longestPath }

    /// Makes the directories and takes away the gateway's socket of an earlier process.
    ///
    /// Users of this machine are kept out by the outer one; the inner one must let the user of a container in.
    ///
    /// - Throws: when directories or sockets cannot be made here, as on some network file systems.
    package func create() throws {
        for (directory, mode) in [(path, 0o700), (mount, 0o755)] {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: directory)
        }
        unlink(gatewaySocket)
        guard mknod(gatewaySocket, S_IFSOCK | 0o600, 0) == 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: gatewaySocket])
        }
        unlink(gatewaySocket)
    }
}
