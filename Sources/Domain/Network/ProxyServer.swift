import FoundationEssentials

/// A server that passes connections on.
package struct ProxyServer: Hashable, Sendable {
    /// How the server is spoken to.
    package enum Kind: Hashable, Sendable {
        case http, socks
    }

    /// User and password for the server.
    package struct Login: Hashable, Sendable {
        package var user: String
        package var password: String
    }

    package var kind: Kind
    package var host: String
    package var port: Int
    package var login: Login?

    /// Reads `[scheme://][user[:password]@]host[:port]`; `nil` when there is no host in it.
    ///
    /// `https://` is taken for `http://`: that is how it is mostly meant, and the tunnel itself is encrypted anyway.
    package init?(_ text: String) {
        let text = text.contains("://") ? text : "http://\(text)"
        guard let url = URLComponents(string: text), let name = url.host, !name.isEmpty else { return nil }
        kind = url.scheme?.lowercased().hasPrefix("socks") == true ? .socks : .http
        host = name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name
        port = url.port ?? (kind == .socks ? 1080 : 80)
        login = url.user.map { Login(user: $0, password: url.password ?? "") }
    }
}
