/// Keeps the secrets of a run outside of it, and puts them in on the way to the hosts they belong to.
package struct SecretBroker: Sendable {
    /// A secret, what the run has instead, and where it may go.
    package struct Secret: Hashable, Sendable {
        package var placeholder: String
        package var value: String
        /// Names, or `*.` before a domain.
        package var hosts: [String]

        /// Collects the parts.
        package init(placeholder: String, value: String, hosts: [String]) {
            self.placeholder = placeholder
            self.value = value
            self.hosts = hosts
        }
    }

    /// Hosts of any of the secrets.
    private let hosts: [String]
    private let port: Int
    /// Asked at each connection, so that a rotated secret counts at once.
    private let secrets: @Sendable () throws -> [Secret]
    /// Signs for the hosts.
    let authority: RunAuthority

    /// Takes the parts.
    ///
    /// - Parameters:
    ///   - hosts: those of all secrets; only their tunnels are opened.
    ///   - port: of those tunnels; what is spoken on others is no HTTP.
    ///   - authority: the run's.
    ///   - secrets: asked when such a tunnel is opened.
    package init(
        hosts: [String],
        port: Int = 443,
        authority: RunAuthority,
        secrets: @escaping @Sendable () throws -> [Secret]
    ) {
        self.hosts = hosts
        self.port = port
        self.authority = authority
        self.secrets = secrets
    }

    /// Whether tunnels to a host are opened.
    func opens(_ host: String, port: Int) -> Bool { port == self.port && Self.lists(hosts, host) }

    /// The secrets that belong to a host.
    func secrets(for host: String) throws -> [Secret] { try secrets().filter { Self.lists($0.hosts, host) } }

    private static func lists(_ hosts: [String], _ host: String) -> Bool {
        hosts.contains { $0 == host || $0.hasPrefix("*.") && host.hasSuffix($0.dropFirst()) }
    }
}
