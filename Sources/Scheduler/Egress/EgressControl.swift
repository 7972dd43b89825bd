import Credentials
package import Domain
package import Egress
import FoundationEssentials

/// What a scheduler needs to shut runs in.
package struct EgressControl: Sendable {
    /// Directory with the proxy's socket, which sealed runs get.
    package var directory: String
    /// The gateway's socket, which the proxy leads to.
    package var gatewaySocket: String
    /// Makes what runs get in place of secrets.
    package var keys: RunKeys
    /// The stored fields of a credential of an agent; `nil` = there are none.
    package var stored: @Sendable (CredentialReference, AgentName) throws -> [String: String]?

    /// Collects the parts.
    package init(
        directory: String,
        gatewaySocket: String,
        keys: RunKeys,
        stored: @escaping @Sendable (CredentialReference, AgentName) throws -> [String: String]? = { _, _ in nil }
    ) {
        self.directory = directory
        self.gatewaySocket = gatewaySocket
        self.keys = keys
        self.stored = stored
    }

    /// The gateway as runs reach it.
    var gateway: EgressEndpoint {
        EgressEndpoint(host: EgressBridge.gatewayName, socketPath: gatewaySocket)
    }

    /// What a run has in place of a brokered credential's secret.
    func placeholder(for reference: CredentialReference, ofRun secret: String) -> String {
        keys.placeholder(for: "\(reference.type)/\(reference.stagedInstance)", ofRun: secret)
    }

    /// Puts the secrets of an agent's brokered credentials in; `nil` = it has none.
    func broker(for agent: AgentConfig, ofRun secret: String, now: Date) -> SecretBroker? {
        let kept = agent.credentials.filter(\.isBrokered).compactMap { reference in
            CredentialCatalog.standard.type(reference.type)?.brokerage.map { (reference, $0) }
        }
        guard !kept.isEmpty else { return nil }
        let authority = RunAuthority(keys: keys, runSecret: secret, now: now)
        return SecretBroker(hosts: kept.flatMap(\.1.hosts), authority: authority) {
            try kept.compactMap { reference, brokerage in
                try stored(reference, agent.name)?[brokerage.field].map { value in
                    SecretBroker.Secret(
                        placeholder: placeholder(for: reference, ofRun: secret),
                        value: value,
                        hosts: brokerage.hosts
                    )
                }
            }
        }
    }
}
