import Domain

/// Decides where a sealed run may connect.
///
/// Pure: it sees names, ports and resolved addresses, never the network.
package struct EgressPolicy: Hashable, Sendable {
    /// Ports of entries that name none.
    static let defaultPorts: Set<Int> = [80, 443]

    /// What lets a connection through.
    enum Permission: Hashable, Sendable {
        /// An entry of the list; one that names its port need not carry TLS.
        case entry(text: String, namesPort: Bool)
        case gateway(EgressEndpoint)

        /// How a record explains it; `nil` = nothing is recorded.
        var rule: String? {
            switch self {
            case .entry(let text, _): text
            case .gateway: nil
            }
        }

        /// Whether something else than TLS may pass.
        var carriesAnything: Bool {
            switch self {
            case .entry(_, let namesPort): namesPort
            case .gateway: true
            }
        }
    }

    private struct Rule: Hashable, Sendable {
        var text: String
        var entry: NetworkEntry
    }

    private let rules: [Rule]
    private let gateway: EgressEndpoint?

    /// Reads the entries of a `[network] allow` list; those that are none were refused when the project was loaded.
    ///
    /// - Parameters:
    ///   - allow: the entries.
    ///   - gateway: what is reachable without one.
    package init(allow: [String], gateway: EgressEndpoint? = nil) {
        rules = allow.compactMap { text in NetworkEntry(text).map { Rule(text: text, entry: $0.onTheWire) } }
        self.gateway = gateway
    }

    /// What is said about a name before it is resolved; `nil` = refused.
    func permission(forHost host: String, port: Int) -> Permission? {
        // By its name alone: a run that outlived its scheduler may know it by another port.
        if let gateway, gateway.host == host { return .gateway(gateway) }
        guard let rule = rules.first(where: { $0.entry.lists(host: host, port: port) }) else { return nil }
        return .entry(text: rule.text, namesPort: rule.entry.namesPort)
    }

    /// Whether an address that a listed name led to may be connected to.
    ///
    /// A name that points into this machine's own networks is how a cage is left: such addresses must be listed themselves.
    func permits(address: String, port: Int) -> Bool {
        AddressClass(address).isPublic || rules.contains { $0.entry.lists(address: address, port: port) }
    }
}

extension NetworkEntry {
    /// The entry with its name as requests spell it.
    fileprivate var onTheWire: NetworkEntry {
        switch self {
        case .everything, .addresses: self
        case .host(let name, let port): .host(Punycode.name(name), port: port)
        case .subdomains(let domain, let port): .subdomains(of: Punycode.name(domain), port: port)
        }
    }

    fileprivate var namesPort: Bool {
        switch self {
        case .everything: true
        case .host(_, let port), .subdomains(_, let port), .addresses(_, let port): port != nil
        }
    }

    fileprivate func lists(host: String, port: Int) -> Bool {
        switch self {
        case .everything: true
        case .host(let name, let only): name == host && Self.fits(port, only)
        case .subdomains(let domain, let only): host.hasSuffix(".\(domain)") && Self.fits(port, only)
        case .addresses: lists(address: host, port: port)
        }
    }

    fileprivate func lists(address: String, port: Int) -> Bool {
        guard case .addresses(let range, let only) = self else { return false }
        return AddressRange(range)?.contains(address) == true && Self.fits(port, only)
    }

    private static func fits(_ port: Int, _ only: Int?) -> Bool {
        only.map { $0 == port } ?? EgressPolicy.defaultPorts.contains(port)
    }
}
