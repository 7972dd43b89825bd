import Domain
import Foundation

/// Why a server cannot be reached by ssh.
package struct SSHError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case hostKeyChanged, permissionDenied, refused, timedOut, noRoute, unknownHost
        /// A forwarding that the user's own configuration asks for cannot be had.
        case ownForwarding
        /// The server was not shown the key, which ssh cannot use.
        case keyUnusable
        /// The server lets us in but forbids to forward its sockets.
        case forwardingForbidden
        /// The server's socket answers nobody, or not us.
        case socketUnreachable
        /// Nobody listens on the server's port.
        case nothingListens
        /// There is no `ssh` here.
        case noClient
        /// There is no private place for its sockets.
        case directory
        case other
    }

    package let code: Code
    /// What is wrong and what to do, for people.
    package let description: String

    private init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func directory(_ path: String, reason: String) -> SSHError {
        SSHError(.directory, "No private directory for the sockets of ssh can be made at \(path): \(reason).")
    }

    static var noClient: SSHError {
        SSHError(.noClient, "ssh cannot be started here. Install the package openssh-client.")
    }

    static func timedOut(_ server: ServerAddress, after limit: Duration) -> SSHError {
        SSHError(
            .timedOut,
            "\(server): no connection within \(limit.components.seconds) s. \(advice(.timedOut, server))"
        )
    }
}

extension SSHError {
    /// Reads what ssh said when it ended with its own failure, 255, which is the same for all of them.
    ///
    /// - Parameters:
    ///   - text: ssh's words.
    ///   - server: where to.
    ///   - socket: where ssh was to offer something at this machine; `nil` = nowhere.
    ///   - readFile: content of a file, `nil` when it cannot be read.
    init(reading text: String, of server: ServerAddress, socket: String? = nil, readFile: (String) -> [UInt8]?) {
        let code = Self.phrases.first { text.contains($0.phrase) }?.code ?? .other
        // It says the same of that socket as of a forwarding of the user's.
        let lines = text.split(whereSeparator: \.isNewline)
        if code == .ownForwarding, let socket, let line = lines.first(where: { $0.contains(socket) }) {
            self = .directory(socket, reason: "ssh says: \(line)")
            return
        }
        if code == .hostKeyChanged, let change = HostKeyChange(reading: text, readFile: readFile) {
            self.init(code, change.explanation(of: server))
            return
        }
        let problem = code == .permissionDenied ? KeyProblem(reading: text, chosen: server.keyPath) : nil
        if let problem, server.keyPath != nil {
            self.init(.keyUnusable, "\(server): \(problem.explanation)")
        } else {
            let words = text.split(whereSeparator: \.isNewline).last ?? "nothing"
            let said = words.trimmingPrefix("ssh: ").trimmingCharacters(in: CharacterSet(charactersIn: ". \t"))
            // Where no key was chosen the agent's may have been offered too.
            let missing = problem.map { " Not among them: \($0.explanation)" } ?? ""
            self.init(code, "\(server): ssh says: \(said). \(Self.advice(code, server))\(missing)")
        }
    }

    /// The server lets us in and its socket could be used there, but not from here.
    ///
    /// What the command said that takes the place of forwarding is `nil` where that was not tried.
    static func forwardingForbidden(_ server: ServerAddress, commandSaid words: String? = nil) -> SSHError {
        let said = words?.split(whereSeparator: \.isNewline).last.map { ": it says: \($0)" } ?? ""
        let instead =
            words == nil ? "" : ", and `docker system dial-stdio`, which would do instead, does not work there\(said)"
        return SSHError(
            .forwardingForbidden,
            "\(server): the server forbids to forward sockets\(instead). Set AllowStreamLocalForwarding yes (and no "
                + "DisableForwarding) in its sshd_config and reload sshd, or install the command docker there."
        )
    }

    /// The server lets us in but forbids to forward its port.
    static func forwardingForbidden(_ server: ServerAddress, _ port: Int) -> SSHError {
        SSHError(
            .forwardingForbidden,
            "\(server): the server forbids to forward its port \(port). Set AllowTcpForwarding yes (and no PermitOpen or "
                + "DisableForwarding that excludes it) in its sshd_config and reload sshd."
        )
    }

    /// The server lets us in, and nobody listens where we want to get to.
    static func nothingListens(_ server: ServerAddress, _ port: Int) -> SSHError {
        SSHError(.nothingListens, "\(server): nothing listens on port \(port) of its loopback.")
    }

    /// The server lets us in but has no such socket, or not for this user.
    static func socketUnreachable(_ server: ServerAddress, _ socket: String) -> SSHError {
        let user = server.user ?? "the user"
        return SSHError(
            .socketUnreachable,
            "\(server): there is no \(socket) that \(user) may use. Start the engine on the server (systemctl start docker) "
                + "and let \(user) use it (usermod -aG docker \(server.user ?? "<user>"))."
        )
    }

    private static let phrases: [(phrase: String, code: Code)] = [
        ("REMOTE HOST IDENTIFICATION HAS CHANGED", .hostKeyChanged), ("Host key verification failed", .hostKeyChanged),
        // Before those that may be the reason of it.
        ("Could not request local forwarding", .ownForwarding), ("remote port forwarding failed", .ownForwarding),
        ("Permission denied", .permissionDenied), ("Too many authentication failures", .permissionDenied),
        ("Connection refused", .refused), ("timed out", .timedOut), ("No route to host", .noRoute),
        ("Network is unreachable", .noRoute), ("Could not resolve hostname", .unknownHost),
    ]

    private static func advice(_ code: Code, _ server: ServerAddress) -> String {
        let host = server.host
        let port = server.port ?? 22
        switch code {
        case .permissionDenied:
            let offered = server.keyPath.map { "the key \($0)" } ?? "the keys of your ssh agent and configuration"
            return "Offered were \(offered). Put the public part into ~/.ssh/authorized_keys of "
                + "\(server.user ?? "the user") there, or name another key (keyPath, sshKeyPath, or "
                + "IdentityFile in ~/.ssh/config); a key with a passphrase must be in the agent."
        case .refused: return "Nothing listens on port \(port) of \(host): is sshd running, and on this port?"
        case .timedOut: return "Is the address right, and does a firewall let port \(port) of \(host) through?"
        case .noRoute: return "This machine has no way to \(host): look at its network, a VPN, the firewall."
        case .ownForwarding:
            return "~/.ssh/config, or the system's, asks for this forwarding (LocalForward, RemoteForward or "
                + "DynamicForward), and its port cannot be had. Take that line away from what applies to \(host), or free "
                + "the port."
        case .unknownHost: return "No name server knows \(host): look for a slip of the pen."
        default:
            let options = server.port.map { "-p \($0) " } ?? ""
            return "Try it by hand: ssh \(options)\(server.user.map { "\($0)@" } ?? "")\(host)"
        }
    }
}
