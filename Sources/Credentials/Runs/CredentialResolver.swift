package import Domain

/// A reference and the stored instance that answers it.
package struct ResolvedCredential: Hashable, Sendable {
    package let reference: CredentialReference
    /// The instance in the store.
    package let instance: String

    /// Whether the agent's own instance answers a reference that the shared one would answer too.
    package var isOwn: Bool { reference.instance == nil && instance != "default" }
}

/// Finds what the references of agents stand for.
package struct CredentialResolver: Sendable {
    package let store: CredentialStore
    package let catalog: CredentialCatalog

    /// Looks in a store with the types of a catalogue.
    package init(store: CredentialStore, catalog: CredentialCatalog = .standard) {
        self.store = store
        self.catalog = catalog
    }

    /// The instance for one reference: a bare `type` is the agent's own, else `default`; a named instance never falls back.
    ///
    /// - Returns: `nil` when it is missing.
    /// - Throws: ``CredentialError`` (`unreadable`, `exposed`).
    package func resolve(
        _ reference: CredentialReference,
        for agent: AgentName
    ) throws(CredentialError) -> ResolvedCredential? {
        let candidates = reference.instance.map { [$0] } ?? [agent.rawValue, "default"]
        for instance in candidates where try store.exists(reference.type, instance) {
            return ResolvedCredential(reference: reference, instance: instance)
        }
        return nil
    }

    /// Resolves all references of an agent, each once.
    ///
    /// - Throws: ``CredentialError`` (`unknownType`, `hostOnly`, `missing`, `clash`, `incomplete`, `unreadable`, `exposed`).
    package func resolve(
        _ references: [CredentialReference],
        for agent: AgentName
    ) throws(CredentialError) -> [ResolvedCredential] {
        var resolved: [ResolvedCredential] = []
        var missing: [CredentialReference] = []
        for reference in references {
            try check(reference, of: agent)
            guard let credential = try resolve(reference, for: agent) else {
                missing.append(reference)
                continue
            }
            let rival = resolved.first {
                $0.reference.type == reference.type && $0.reference.stagedInstance == reference.stagedInstance
            }
            if let rival {
                guard rival.instance == credential.instance else {
                    throw .clash(rival.reference, reference, agent: agent)
                }
                continue
            }
            resolved.append(credential)
        }
        guard missing.isEmpty else { throw .missing(missing) }
        return resolved
    }

    /// Checks that an agent may have a credential of this type.
    ///
    /// - Throws: ``CredentialError`` (`unknownType`, `hostOnly`).
    package func check(_ reference: CredentialReference, of agent: AgentName) throws(CredentialError) {
        let type = try catalog.requireType(reference.type)
        if type.exposure == .host { throw .hostOnly(reference, agent: agent) }
    }

    /// The values of a resolved credential.
    ///
    /// - Throws: ``CredentialError`` (`missing`, `incomplete` for a required field, `unreadable`, `exposed`).
    package func values(of credential: ResolvedCredential) throws(CredentialError) -> [String: String] {
        let reference = credential.reference
        guard let values = try store.read(reference.type, credential.instance) else { throw .missing([reference]) }
        for field in catalog.type(reference.type)?.fields ?? [] where !field.isOptional && values[field.name] == nil {
            throw .incomplete(reference, field: field.name)
        }
        return values
    }

    /// The key for an agent's model, resolved like a bare reference.
    ///
    /// - Returns: `nil` where none is needed: provider `scripted`, authentication `pi_auth`, `custom` without a stored key.
    /// - Throws: ``CredentialError`` (`missing`, `incomplete`, `unreadable`, `exposed`).
    package func modelKey(for model: ModelConfig, agent: AgentName) throws(CredentialError) -> ModelKey? {
        guard let type = model.provider.credentialType, model.authentication != .piAuth else { return nil }
        let reference = CredentialReference(type: type)
        guard let credential = try resolve(reference, for: agent) else {
            if model.provider == .custom { return nil }
            throw .missing([reference])
        }
        guard let token = try values(of: credential)["token"] else { throw .incomplete(reference, field: "token") }
        return ModelKey(type: type, token: token)
    }
}

/// The key of a model provider.
package struct ModelKey: Hashable, Sendable {
    /// Credential type: `anthropic_key`.
    package let type: String
    package let token: String

    /// Collects both.
    package init(type: String, token: String) {
        self.type = type
        self.token = token
    }
}
