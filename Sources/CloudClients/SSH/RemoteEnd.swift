/// What of a server an ssh connection offers at this machine.
package enum RemoteEnd: Hashable, Sendable, CustomStringConvertible {
    /// A socket at an absolute path of letters, digits, `/`, `.`, `_` and `-`.
    case socket(String)
    /// A port of the server's own loopback.
    case port(Int)

    /// As ssh takes it.
    package var description: String {
        switch self {
        case .socket(let path): path
        case .port(let port): "127.0.0.1:\(port)"
        }
    }
}
