package import Domain

/// A credential that a project needs, and for whom.
package struct CredentialNeed: Hashable, Sendable {
    package let reference: CredentialReference
    /// The agent whose own instance may answer; `nil` for the scheduler's credentials.
    package let agent: AgentName?
    /// Works without it too: the key of a `custom` model.
    package let isOptional: Bool
}

/// Everything that the active agents of a project need.
package struct CredentialNeeds: Sendable {
    /// In order: of the agents, of their models, of the webhook sources in use, the gateway's key.
    package let all: [CredentialNeed]

    /// Collects the needs of all agents of a scale above 0.
    package init(project: ProjectConfig, agents: [AgentConfig]) {
        let active = agents.filter { $0.scale > 0 }
        var needs = active.flatMap { agent in
            agent.credentials.map { CredentialNeed(reference: $0, agent: agent.name, isOptional: false) }
        }
        needs += active.compactMap(Self.modelNeed)
        let sources = Set(active.flatMap { $0.webhooks.map(\.source) }).sorted()
        needs += sources.compactMap { name in
            guard let source = project.webhooks[name], let instance = source.credential,
                let secret = CredentialCatalog.webhookSecret(of: source.type)
            else { return nil }
            let reference = CredentialReference(type: secret.type, instance: instance)
            return CredentialNeed(reference: reference, agent: nil, isOptional: false)
        }
        let gatewayKey = CredentialReference(type: "gateway_api_key", instance: "default")
        needs.append(CredentialNeed(reference: gatewayKey, agent: nil, isOptional: false))
        all = needs
    }

    private static func modelNeed(_ agent: AgentConfig) -> CredentialNeed? {
        guard let type = agent.model.provider.credentialType, agent.model.authentication != .piAuth else { return nil }
        return CredentialNeed(
            reference: CredentialReference(type: type),
            agent: agent.name,
            isOptional: agent.model.provider == .custom
        )
    }

    /// The references that nothing in the store answers, each once; a malformed name in the configuration counts as missing.
    ///
    /// - Throws: ``CredentialError`` (`unknownType`, `hostOnly`, `unreadable`, `exposed`).
    package func missing(in resolver: CredentialResolver) throws(CredentialError) -> [CredentialReference] {
        var missing: [CredentialReference] = []
        for need in all where !need.isOptional && !missing.contains(need.reference) {
            if let agent = need.agent {
                try resolver.check(need.reference, of: agent)
                if try resolver.resolve(need.reference, for: agent) == nil { missing.append(need.reference) }
            } else if try !resolver.store.exists(need.reference.type, need.reference.instance ?? "default") {
                missing.append(need.reference)
            }
        }
        return missing
    }

    /// Refuses to go on while something is missing.
    ///
    /// - Throws: ``CredentialError`` (`missing` with all of them, and what ``missing(in:)`` throws).
    package func requireAll(in resolver: CredentialResolver) throws(CredentialError) {
        let missing = try missing(in: resolver)
        if !missing.isEmpty { throw .missing(missing) }
    }
}
