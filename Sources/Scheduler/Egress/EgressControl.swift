package import Domain
package import Egress

/// What a scheduler needs to shut runs in.
package struct EgressControl: Sendable {
    /// Directory with the proxy's socket, which sealed runs get.
    package var directory: String
    /// What runs of an agent reach without an entry, for a port of the gateway.
    package var endpoints: @Sendable (AgentConfig, _ gatewayPort: Int) -> [EgressEndpoint]

    /// Collects both.
    package init(
        directory: String,
        endpoints: @escaping @Sendable (AgentConfig, Int) -> [EgressEndpoint]
    ) {
        self.directory = directory
        self.endpoints = endpoints
    }
}
