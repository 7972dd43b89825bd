package import Domain

/// A container engine of a server that is reached by ssh.
package struct RemoteEngine: Hashable, Sendable {
    package let server: ServerAddress
    /// Absolute path on the server.
    package let socketPath: String

    private static let usualSocket = "/var/run/docker.sock"

    /// The engine that a server has at the usual place.
    package init(server: ServerAddress) {
        self.server = server
        socketPath = Self.usualSocket
    }

    /// Reads `ssh://[user@]host[:port][/path of the socket]`, as the docker CLI does.
    ///
    /// - Returns: `nil` for other schemes and for what cannot be read, such as a password in it.
    package init?(dockerHost text: String) {
        guard text.hasPrefix(Self.scheme) else { return nil }
        let rest = text.dropFirst(Self.scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        let user = authority.lastIndex(of: "@").map { String(authority[..<$0]) }
        guard user?.contains(":") != true, let place = Self.place(authority.drop(upTo: "@")),
            let server = ServerAddress(host: place.host, user: user, port: place.port)
        else { return nil }
        guard path.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }) else { return nil }
        self.server = server
        socketPath = path.isEmpty || path == "/" ? Self.usualSocket : String(path)
    }

    /// Whether an address of an engine means one that ssh reaches.
    static func isMeant(by dockerHost: String) -> Bool { dockerHost.hasPrefix(scheme) }

    private static let scheme = "ssh://"

    /// `host`, `host:port`, `[address]`, `[address]:port`.
    private static func place(_ text: Substring) -> (host: String, port: Int?)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if rest.isEmpty { return (host, nil) }
            guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()) else { return nil }
            return (host, port)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return parts.count == 1 ? (String(text), nil) : nil }
        return Int(parts[1]).map { (String(parts[0]), $0) }
    }
}

extension Substring {
    /// What stands behind the last occurrence of a character; all of it where there is none.
    fileprivate func drop(upTo mark: Character) -> Substring {
        lastIndex(of: mark).map { self[index(after: $0)...] } ?? self
    }
}
