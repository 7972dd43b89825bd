import Foundation
import Subprocess

/// A real OpenSSH server on a port of loopback, with keys and settings of its own, for as long as a test needs it.
///
/// It lives in a mount namespace, where `/run` is its own: the machine's files stay as they are.
package struct LoopbackSSHServer: Sendable {
    /// Holds the keys, and whatever else a test writes.
    package let directory: String
    /// Where it listens.
    package let port: Int

    /// What lets its client in, as root.
    package var keyPath: String { "\(directory)/key" }

    /// Whether it can be started here.
    package static var isPossible: Bool {
        let programs = ["/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen", "/usr/bin/unshare"]
        return geteuid() == 0 && programs.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Why not, for people.
    package static let requirement: String = "openssh-server is not installed, or this is not root"

    /// Runs it while the body runs.
    ///
    /// - Parameters:
    ///   - engineSocket: what `/var/run/docker.sock` is on the server; `nil` = there is none.
    ///   - settings: further lines of `sshd_config`.
    ///   - body: uses the server.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or ``NotStarted``.
    package static func run<Result: Sendable>(
        engineSocket: String? = nil,
        settings: [String] = [],
        _ body: (LoopbackSSHServer) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.path + "/al-sshd-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // What cannot be deleted is left to the system's own cleaning.
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for key in ["host", "key"] {
            try await Program.output(of: "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(directory)/\(key)")
        }
        try FileManager.default.copyItem(atPath: "\(directory)/key.pub", toPath: "\(directory)/authorized_keys")
        for _ in 0..<5 {
            let server = LoopbackSSHServer(directory: directory, port: try freePort())
            try server.writeConfiguration(settings)
            if let result = try await server.serve(engineSocket ?? "", body) { return result }
        }
        throw NotStarted()
    }

    /// No port of five could be had.
    package struct NotStarted: Error {}

    /// The process that holds the connection of a control socket; `nil` = there is none.
    package static func masterProcess(ofControl path: String) async throws -> Int32? {
        let said = try await Program.output(of: "ssh", "-o", "ControlPath=\(path)", "-O", "check", "x")
        return said.firstMatch(of: /pid=(\d+)/).flatMap { Int32($0.1) }
    }

    private func writeConfiguration(_ settings: [String]) throws {
        let lines =
            [
                "ListenAddress 127.0.0.1", "Port \(port)", "HostKey \(directory)/host",
                "AuthorizedKeysFile \(directory)/authorized_keys", "PidFile none", "StrictModes no", "UsePAM no",
                "PasswordAuthentication no", "PermitRootLogin yes",
            ] + settings
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: "\(directory)/config"))
    }

    /// Runs the daemon; `nil` when it ended at once, since somebody was quicker to take the port.
    private func serve<Result: Sendable>(
        _ engineSocket: String,
        _ body: (LoopbackSSHServer) async throws -> Result
    ) async throws -> Result? {
        let ending = [TeardownStep.send(signal: .terminate, allowedDurationToNextStep: .seconds(2))]
        return try await Subprocess.run(
            .name("unshare"),
            arguments: ["-m", "sh", "-c", Self.script, "sh", "\(directory)/config", engineSocket],
            input: .none,
            output: .discarded,
            error: .sequence
        ) { execution in
            var said = ""
            for try await buffer in execution.standardError {
                said += buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                guard said.contains("Server listening") else { continue }
                do {
                    let result = try await body(self)
                    await execution.teardown(using: ending)
                    return result
                } catch {
                    await execution.teardown(using: ending)
                    throw error
                }
            }
            return nil
        }.closureResult
    }

    private static let script = """
        mount -t tmpfs tmpfs /run && mkdir /run/sshd || exit 1
        [ -z "$2" ] || ln -s "$2" /run/docker.sock
        exec /usr/sbin/sshd -D -e -f "$1"
        """

    /// A port that nobody listens on at the moment.
    package static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 ? getsockname(descriptor, pointer, &size) : -1
            }
        }
        guard status == 0 else { throw NotStarted() }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
