/// A machine that is reached by ssh.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// Name, address, or a `Host` of ssh's own configuration.
    package let host: String
    /// `nil` = ssh's own choice.
    package let user: String?
    /// `nil` = ssh's own choice.
    package let port: Int?
    /// File with the private key; `nil` = ssh's own choice (agent, configuration).
    package var keyPath: String?

    /// Names a machine; `nil` when the host or the user could be taken for something else on a command line.
    package init?(host: String, user: String? = nil, port: Int? = nil, keyPath: String? = nil) {
        guard Self.isPlain(host), user.map(Self.isPlain) ?? true, port.map((1...65535).contains) ?? true else {
            return nil
        }
        self.host = host
        self.user = user
        self.port = port
        self.keyPath = keyPath
    }

    /// As docker writes it: `ssh://root@agents.example.com:2222`.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "ssh://" + (user.map { "\($0)@" } ?? "") + name + (port.map { ":\($0)" } ?? "")
    }

    /// As `known_hosts` writes it: `[agents.example.com]:2222`.
    package var knownHostsName: String {
        guard let port, port != 22 else { return host }
        return "[\(host)]:\(port)"
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-") else { return false }
        return text.utf8.allSatisfy { $0.isLetterOrDigit || "._-:%+".utf8.contains($0) }
    }
}
