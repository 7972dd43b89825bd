package import Domain

/// The credentials a project needs: those of active agents, their models' keys, the secrets of the webhook sources they use.
package struct CredentialNeeds: Sendable {
    /// Each once, in order of appearance.
    package let references: [CredentialReference]
    private let agentsByReference: [CredentialReference: [AgentName]]

    /// Collects what the active agents need.
    package init(agents: [AgentConfig], config: ProjectConfig) {
        var users: [(CredentialReference, AgentName)] = []
        for agent in agents where agent.scale > 0 {
            users += agent.credentials.map { reference in
                var reference = reference
                // Wherever the secret is used, it is the same one.
                reference.isBrokered = false
                return (reference, agent.name)
            }
            for model in agent.models {
                guard let type = model.provider.credentialType, model.provider != .custom,
                    model.authentication != .piAuth
                else { continue }
                users.append((CredentialReference(type: type), agent.name))
            }
            for trigger in agent.webhooks {
                guard let source = config.webhooks[trigger.source], let instance = source.credential,
                    let secret = CredentialCatalog.webhookSecret(of: source.type)
                else { continue }
                users.append((CredentialReference(type: secret.type, instance: instance), agent.name))
            }
        }
        var seen: Set<CredentialReference> = []
        references = users.map(\.0).filter { seen.insert($0).inserted }
        agentsByReference = Dictionary(grouping: users, by: \.0).mapValues { $0.map(\.1) }
    }

    /// The references that lead to nothing in the store.
    package func missing(in store: CredentialStore) throws(CredentialError) -> [CredentialReference] {
        var missing: [CredentialReference] = []
        for reference in references {
            for agent in agentsByReference[reference] ?? [] where try store.read(reference, for: agent) == nil {
                missing.append(reference)
                break
            }
        }
        return missing
    }

    /// Who uses what of the store: `<type>/<instance>` → agents, sorted.
    package func users(in store: CredentialStore) throws(CredentialError) -> [String: [AgentName]] {
        var users: [String: Set<AgentName>] = [:]
        for reference in references {
            for agent in agentsByReference[reference] ?? [] {
                let instance = try store.resolve(reference, for: agent)
                users["\(reference.type)/\(instance)", default: []].insert(agent)
            }
        }
        return users.mapValues { $0.sorted() }
    }

    /// The agents that need a reference, each once, in order of appearance.
    package func agents(needing reference: CredentialReference) -> [AgentName] {
        var seen: Set<AgentName> = []
        return (agentsByReference[reference] ?? []).filter { seen.insert($0).inserted }
    }

    /// Fails unless every type is known.
    ///
    /// - Throws: ``CredentialError`` (`unknownType`) with the name that was probably meant.
    package func requireKnownTypes() throws(CredentialError) {
        for reference in references { _ = try CredentialCatalog.standard.requireType(reference.type) }
    }

    /// Fails unless everything is there.
    ///
    /// - Throws: ``CredentialError`` (`missing`) naming all that is not.
    package func requireAll(in store: CredentialStore) throws(CredentialError) {
        try requireKnownTypes()
        let missing = try missing(in: store)
        guard missing.isEmpty else { throw .missing(missing) }
    }
}
