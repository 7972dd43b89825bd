package import Domain
import OrderedCollections

extension CredentialStore {
    /// The instance a reference means for an agent: what it names, else the agent's own (or that of the agent
    /// it names), else the shared one.
    package func resolve(_ reference: CredentialReference, for agent: AgentName) throws(CredentialError) -> String {
        if let instance = reference.instance { return instance }
        let own = reference.owner ?? agent.rawValue
        return try exists(type: reference.type, instance: own) ? own : "default"
    }

    /// The fields a reference stands for; `nil` when nothing is stored.
    package func read(_ reference: CredentialReference, for agent: AgentName) throws(CredentialError) -> [String:
        String]?
    {
        try read(type: reference.type, instance: try resolve(reference, for: agent))
    }

    /// What a run of an agent gets as files, each place once, with the instances they come from.
    ///
    /// Keys of models go another way and are left out.
    ///
    /// - Throws: ``CredentialError`` when a type belongs to the host or is unknown, or two references land on one place.
    func stagedSources(
        of agent: AgentConfig
    ) throws(CredentialError) -> [(reference: CredentialReference, instance: String)] {
        var sources: [(reference: CredentialReference, instance: String)] = []
        for reference in agent.credentials {
            let type = try CredentialCatalog.standard.requireType(reference.type)
            if type.exposure == .host { throw .hostOnly(reference, agent: agent.name) }
            if type.exposure == .models { continue }
            let instance = try resolve(reference, for: agent.name)
            let isSamePlace = { (other: CredentialReference) in
                other.type == reference.type && other.stagedInstance == reference.stagedInstance
            }
            guard let other = sources.first(where: { isSamePlace($0.reference) }) else {
                sources.append((reference, instance))
                continue
            }
            guard other.instance == instance else { throw .clash(other.reference, reference, agent: agent.name) }
        }
        return sources
    }

    /// The model keys of an agent as a run fetches them, those of its fallback chain included:
    /// `{"<type>":{"default":{"token":…}}}`; `nil` = its models need none.
    ///
    /// - Parameters:
    ///   - agent: whose models count.
    ///   - login: the operator's own keys, for `authType = "pi_auth"`; `nil` = there are none.
    /// - Returns: the keys.
    /// - Throws: ``CredentialError`` (`missing`) when a key is needed and not stored, and what `login` throws.
    package func modelCredentials(for agent: AgentConfig, login: PiAuth? = nil) async throws -> JSONValue? {
        var keys: JSONValue = [:]
        var missing: [CredentialReference] = []
        for model in agent.models {
            guard let type = model.provider.credentialType, keys[type] == nil else { continue }
            let reference = CredentialReference(type: type)
            let token =
                model.authentication == .piAuth
                ? try await login?.token(for: model.provider) : try read(reference, for: agent.name)?["token"]
            if let token {
                keys[type] = ["default": ["token": .string(token)]]
            } else if model.provider != .custom, !missing.contains(reference) {
                missing.append(reference)
            }
        }
        guard missing.isEmpty else { throw CredentialError.missing(missing) }
        return keys.objectValue?.isEmpty == false ? keys : nil
    }

    /// Stored webhook secrets by instance, and why others cannot be read.
    ///
    /// - Parameters:
    ///   - type: a credential type such as `github_webhook_secret`.
    ///   - instances: those that matter; `nil` = all.
    /// - Returns: instance → secret, or the public key of `discord_bot`.
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`) when the instances cannot be listed.
    package func webhookSecrets(
        of type: String,
        named instances: Set<String>? = nil
    ) throws(CredentialError) -> (secrets: [String: String], unreadable: [String: CredentialError]) {
        // The key that verifies Discord's deliveries is called differently.
        let field = type == CredentialType.discordBot.id ? "public_key" : "secret"
        let names = if let instances { instances.sorted() } else { try self.instances(of: type) }
        var secrets: [String: String] = [:]
        var unreadable: [String: CredentialError] = [:]
        for instance in names {
            do throws(CredentialError) {
                secrets[instance] = try read(type: type, instance: instance)?[field]
            } catch {
                unreadable[instance] = error
            }
        }
        return (secrets, unreadable)
    }
}
