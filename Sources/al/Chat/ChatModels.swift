import Credentials
import Domain
import Foundation
import LanguageModels

/// Makes the models that answer in a chat.
struct ChatModels {
    /// What answers where a project names no model.
    static let standard: ModelConfig = {
        var config = ModelConfig(provider: .anthropic, model: "claude-sonnet-4-20250514")
        config.thinkingLevel = .medium
        return config
    }()

    let context: ProjectContext
    /// As whom keys are looked for, and what the scripted model may quote.
    let agent: AgentConfig
    let named: [String: ModelConfig]
    let http: HTTPRoutes
    /// Hears what a person should know about a key or a setting.
    let warn: @Sendable (String) -> Void

    /// Makes a model or a chain of them.
    ///
    /// - Throws: `CredentialError` when a key is missing, before anything is asked.
    func make(_ chain: [ModelConfig]) async throws -> any LanguageModel {
        var agent = agent
        agent.model = chain[0]
        agent.fallbackModels = Array(chain.dropFirst())
        let login = OperatorLogin.piAuth(warn)
        let stored = try await context.store.modelCredentials(for: agent, login: login) ?? [:]
        let environment = ModelEnvironment(
            facts: ScriptFacts(
                agent: agent.name.rawValue,
                trigger: .manual(prompt: nil),
                params: agent.params,
                date: Date().formatted(.iso8601.year().month().day()),
                scriptPaths: Dictionary(uniqueKeysWithValues: agent.scripts.map { ($0, agent.path(ofScript: $0)) })
            ),
            http: http,
            clock: ContinuousClock(),
            now: { Date() },
            random: { UInt64.random(in: .min ... .max) },
            version: Version.current,
            warn: warn
        )
        return try makeLanguageModel(chain: chain, keys: .init(stored, for: chain), in: environment)
    }

    /// The model that somebody names: one of `[models]`, `provider/model`, or a model of the provider that answers now,
    /// asked where and as that one is.
    ///
    /// - Parameters:
    ///   - name: what was typed.
    ///   - current: the model that answers now.
    ///   - chain: the models of which it is one.
    /// - Returns: its configuration.
    /// - Throws: ``Failure`` with the forms.
    func config(named name: String, now current: ModelInfo, of chain: [ModelConfig]) throws -> ModelConfig {
        if let config = named[name] { return config }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2, let provider = ModelProvider(rawValue: parts[0]) {
            return ModelConfig(provider: provider, model: parts[1])
        }
        guard !name.contains(where: \.isWhitespace) else {
            throw Failure("\"\(name)\" is no model. Write provider/model, such as anthropic/claude-sonnet-4-20250514.")
        }
        guard let config = chain.first(where: { $0.provider == current.provider && $0.model == current.id }) else {
            return ModelConfig(provider: current.provider, model: name)
        }
        return config.naming(name)
    }
}

extension ModelConfig {
    /// Another model at the same place; what was said of the one is not true of the other.
    fileprivate func naming(_ model: String) -> ModelConfig {
        var config = self
        config.model = model
        config.contextWindow = nil
        config.maxTokens = nil
        config.images = nil
        config.reasoning = nil
        config.price = nil
        return config
    }
}
