package import Domain

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

    /// The model key of an agent as a run fetches it: `{"<type>":{"default":{"token":…}}}`; `nil` = the model needs none.
    ///
    /// - Throws: ``CredentialError`` (`missing`) when a key is needed and not stored.
    package func modelCredentials(for agent: AgentConfig) throws(CredentialError) -> JSONValue? {
        guard let type = agent.model.provider.credentialType else { return nil }
        let reference = CredentialReference(type: type)
        guard let token = try read(reference, for: agent.name)?["token"] else {
            guard agent.model.provider == .custom || agent.model.authentication == .piAuth else {
                throw .missing([reference])
            }
            return nil
        }
        return [type: ["default": ["token": .string(token)]]] as JSONValue
    }

    /// Stored webhook secrets by instance.
    ///
    /// - Parameter type: a credential type such as `github_webhook_secret`.
    /// - Returns: instance → secret, or the public key of `discord_bot`.
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`, `exposed`).
    package func webhookSecrets(of type: String) throws(CredentialError) -> [String: String] {
        // The key that verifies Discord's deliveries is called differently.
        let field = type == CredentialType.discordBot.id ? "public_key" : "secret"
        var secrets: [String: String] = [:]
        for instance in try instances(of: type) {
            secrets[instance] = try read(type: type, instance: instance)?[field]
        }
        return secrets
    }
}
