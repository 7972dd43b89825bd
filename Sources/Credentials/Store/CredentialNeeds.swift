package import Domain

/// The credentials a project needs: those of active agents, their models' keys, the secrets of the webhook sources they use.
package struct CredentialNeeds: Sendable {
    /// Each once, in order of appearance.
    package let references: [CredentialReference]
    private let agentsByReference: [CredentialReference: [AgentName]]
    /// The names of the webhook sources that need a secret.
    private let sourcesByReference: [CredentialReference: Set<String>]
    private let activeAgents: [AgentConfig]

    /// A reference that leads to no whole credential.
    package struct Gap: Hashable, Sendable {
        /// As it is needed.
        package let reference: CredentialReference
        /// What to add.
        package let stored: CredentialReference
        /// The first field that is required and absent; `nil` = nothing is stored at all.
        package let field: String?
    }

    /// Collects what the active agents need.
    package init(agents: [AgentConfig], config: ProjectConfig) {
        var users: [(CredentialReference, AgentName)] = []
        var sources: [CredentialReference: Set<String>] = [:]
        activeAgents = agents.filter { $0.scale > 0 }
        for agent in activeAgents {
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
                let reference = CredentialReference(type: secret.type, instance: instance)
                users.append((reference, agent.name))
                sources[reference, default: []].insert(trigger.source)
            }
        }
        var seen: Set<CredentialReference> = []
        references = users.map(\.0).filter { seen.insert($0).inserted }
        agentsByReference = Dictionary(grouping: users, by: \.0).mapValues { $0.map(\.1) }
        sourcesByReference = sources
    }

    /// The references that lead to nothing in the store.
    package func missing(in store: CredentialStore) throws(CredentialError) -> [CredentialReference] {
        try gaps(in: store).filter { $0.field == nil }.map(\.reference)
    }

    /// The references that lead to nothing, or to something that lacks a required field; each instance once.
    package func gaps(in store: CredentialStore) throws(CredentialError) -> [Gap] {
        var gaps: [Gap] = []
        for reference in references {
            for agent in agents(needing: reference) {
                guard let gap = try gap(of: reference, for: agent, in: store), !gaps.contains(gap) else { continue }
                gaps.append(gap)
            }
        }
        return gaps
    }

    /// Where a reference of an agent leads to nothing, or to something that lacks a required field; `nil` = it does not.
    package func gap(
        of reference: CredentialReference,
        for agent: AgentName,
        in store: CredentialStore
    ) throws(CredentialError) -> Gap? {
        guard let values = try store.read(reference, for: agent) else {
            // `agent/type` means that agent's own one, and that is what there is to add.
            let stored = reference.owner.map { CredentialReference.toStored(reference.type, $0) }
            return Gap(reference: reference, stored: stored ?? reference, field: nil)
        }
        guard let field = CredentialCatalog.standard.type(reference.type)?.absentField(in: values) else { return nil }
        let instance = try store.resolve(reference, for: agent)
        return Gap(reference: reference, stored: .toStored(reference.type, instance), field: field)
    }

    /// The pairs of references that would land on one place of a run, one for each agent at most.
    package func clashes(in store: CredentialStore) -> [CredentialError] {
        var clashes: [CredentialError] = []
        for agent in activeAgents {
            do throws(CredentialError) {
                _ = try store.stagedSources(of: agent)
            } catch let error where error.code == .clash {
                clashes.append(error)
            } catch {
                // A problem of the agent's file or of the store, reported there.
                continue
            }
        }
        return clashes
    }

    /// Which webhook sources a secret is for: ` (for [webhooks.hub])`; nothing for other credentials.
    package func purpose(of reference: CredentialReference) -> String {
        guard let sources = sourcesByReference[reference] else { return "" }
        return " (for \(sources.sorted().map { "[webhooks.\($0)]" }.joined(separator: ", ")))"
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

    /// Fails unless everything is there, whole, and with a place of its own.
    ///
    /// - Throws: ``CredentialError`` (`missing`) naming all that is not there, else `incomplete` or `clash`.
    package func requireAll(in store: CredentialStore) throws(CredentialError) {
        try requireKnownTypes()
        let gaps = try gaps(in: store)
        let missing = gaps.filter { $0.field == nil }.map(\.reference)
        guard missing.isEmpty else { throw .missing(missing, purpose: purpose) }
        if let gap = gaps.first, let field = gap.field { throw .incomplete(gap.stored, field: field) }
        if let clash = clashes(in: store).first { throw clash }
    }
}
