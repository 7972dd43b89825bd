package import Domain
import Egress
import Runtimes
import Storage

extension Scheduler {
    /// What a live run may ask of its models; `nil` = no sealed run has this token.
    ///
    /// - Throws: when a key cannot be read or is missing.
    package func modelAccess(token: String) async throws -> ModelAccess? {
        guard let keys = setup.egress?.keys,
            let instance = secrets.first(where: { keys.isModelToken(token, ofRun: $0.key) })?.value,
            let agent = live[instance]?.agent ?? liveChats[instance]?.agent, isSealed(agent)
        else { return nil }
        return ModelAccess(
            instance: instance,
            agent: agent,
            keys: try await setup.modelKeys(agent) ?? [:]
        )
    }

    /// Writes what passed between a run and a model into the run's log.
    package func note(_ call: RelayedModelCall, of run: InstanceID) {
        log(call.failure == nil ? .debug : .warning, run, "model call", call.fields)
    }

    /// The keys of a run's models, as the run shall see them: of a sealed one they stay here.
    func modelKeys(of agent: AgentConfig, secret: String) async throws -> JSONValue {
        guard let egress = setup.egress, isSealed(agent) else { return try await setup.modelKeys(agent) ?? [:] }
        let token = JSONValue.string(egress.keys.modelToken(ofRun: secret))
        var keys: JSONValue = [:]
        for type in agent.models.compactMap(\.provider.credentialType) {
            keys[type] = ["default": ["token": token]]
        }
        return keys
    }

    private func isSealed(_ agent: AgentConfig) -> Bool {
        NetworkEnforcement(of: agent, on: setup.runtime.kind, isControlled: setup.egress != nil) == .enforced
    }
}
