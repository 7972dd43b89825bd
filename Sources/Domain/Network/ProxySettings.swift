import FoundationEssentials

/// The way out to the network as the proxy variables of an environment describe it.
///
/// `HTTPS_PROXY` holds for `https` URLs, `HTTP_PROXY` for `http` ones, `ALL_PROXY` for those whose own variable is missing;
/// the lower-case spelling of each comes first. This machine, the gateway of a run and what `NO_PROXY` names are reached
/// directly. `SSL_CERT_FILE` says whose word counts there, as for OpenSSL.
package struct ProxySettings: Hashable, Sendable {
    /// An entry of `NO_PROXY`.
    private enum Exception: Hashable {
        case everything
        /// A name with its subdomains; `nil` stands for every port.
        case name(String, port: Int?)
        case addresses(AddressRange, port: Int?)
    }

    /// The variables that are read, in both spellings.
    package static let variables: Set<String> = Set(
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap { [$0, $0.lowercased()] }
    )

    private let http: ProxyServer?
    private let https: ProxyServer?
    private let exceptions: [Exception]
    /// PEM file with the authorities that servers are believed by; `nil` = those of the machine.
    package let certificateFile: String?

    /// No proxy for anything.
    package static let direct = ProxySettings([:])

    /// Reads an environment; variables that name no server are as good as missing.
    package init(_ environment: [String: String]) {
        func value(_ name: String) -> String? {
            [name.lowercased(), name].compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let all = value("ALL_PROXY")
        http = (value("HTTP_PROXY") ?? all).flatMap(ProxyServer.init)
        https = (value("HTTPS_PROXY") ?? all).flatMap(ProxyServer.init)
        certificateFile = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        let listed = (value("NO_PROXY") ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
        let gateway = environment["GATEWAY_URL"].flatMap { URLComponents(string: $0)?.host }
        exceptions = (listed + ["localhost", "127.0.0.0/8", "::1"] + [gateway].compactMap { $0 })
            .compactMap(Self.exception)
    }

    /// All servers that some URL is reached through.
    package var servers: Set<ProxyServer> { Set([http, https].compactMap { $0 }) }

    /// The server to reach a URL through; `nil`: there is none, or the URL is no web address.
    package func server(for url: String) -> ProxyServer? {
        guard let parts = URLComponents(string: url), let host = parts.host.map(Self.bare), !host.isEmpty else {
            return nil
        }
        let isSecure = parts.scheme?.lowercased() == "https"
        guard isSecure || parts.scheme?.lowercased() == "http", let server = isSecure ? https : http else { return nil }
        let port = parts.port ?? (isSecure ? 443 : 80)
        return exceptions.contains { Self.covers($0, host, port) } ? nil : server
    }

    private static func exception(_ text: String) -> Exception? {
        guard text != "*" else { return .everything }
        if let range = AddressRange(bare(text)) { return .addresses(range, port: nil) }
        var name = text.lowercased()[...]
        var port: Int?
        if let colon = name.lastIndex(of: ":"), let number = Int(name[name.index(after: colon)...]) {
            port = number
            name = name[..<colon]
        }
        if let range = AddressRange(bare(String(name))) { return .addresses(range, port: port) }
        name = name.drop { $0 == "*" || $0 == "." }
        return name.isEmpty ? nil : .name(String(name), port: port)
    }

    private static func covers(_ exception: Exception, _ host: String, _ port: Int) -> Bool {
        switch exception {
        case .everything: true
        case .name(let name, let only): (host == name || host.hasSuffix(".\(name)")) && (only ?? port) == port
        case .addresses(let range, let only): range.contains(host) && (only ?? port) == port
        }
    }

    /// A host in lower case, without the brackets of an IPv6 address and the dot that ends a full name.
    private static func bare(_ host: String) -> String {
        var host = host.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }
}
