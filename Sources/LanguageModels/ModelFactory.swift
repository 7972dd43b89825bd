package import AsyncHTTPClient
package import Domain
package import Foundation

/// Facts of the run that the scripted model may match and quote.
package struct ScriptFacts: Hashable, Sendable {
    package var agent: String
    package var trigger: Trigger
    package var params: JSONValue
    /// `YYYY-MM-DD`, UTC.
    package var date: String
    /// Absolute path of the script file; `nil` with any other provider.
    package var scriptPath: String?

    /// Collects the facts.
    package init(agent: String, trigger: Trigger, params: JSONValue, date: String, scriptPath: String?) {
        self.agent = agent
        self.trigger = trigger
        self.params = params
        self.date = date
        self.scriptPath = scriptPath
    }
}

/// What a model is made of.
struct ModelEnvironment: Sendable {
    var config: ModelConfig
    var key: String?
    var facts: ScriptFacts
    var http: HTTPClient
    var clock: any Clock<Duration>
    var now: @Sendable () -> Date
    var random: @Sendable () -> UInt64
    var version: String
    var warn: @Sendable (String) -> Void
}

/// Makes the model that a configuration names.
///
/// - Parameters:
///   - config: the agent's `[model]` table.
///   - key: the provider's key; `nil` where none is needed.
///   - facts: what the scripted model may match and quote.
///   - http: the client, best with ``modelHTTPConfiguration()``.
///   - clock: delays of the scripted model.
///   - now: time stamps of replies.
///   - random: bits for call ids that a server left out.
///   - version: of this program, for the user agent.
///   - warn: told once of each field that a server refuses.
/// - Returns: the model, ready for a conversation.
/// - Throws: ``ModelError`` for a provider that is not available or lacks its URL, ``ScriptError`` for a broken script.
package func makeLanguageModel(
    _ config: ModelConfig,
    key: String?,
    facts: ScriptFacts,
    http: HTTPClient,
    clock: any Clock<Duration>,
    now: @escaping @Sendable () -> Date,
    random: @escaping @Sendable () -> UInt64,
    version: String,
    warn: @escaping @Sendable (String) -> Void = { _ in }
) throws -> any LanguageModel {
    let environment = ModelEnvironment(
        config: config,
        key: key,
        facts: facts,
        http: http,
        clock: clock,
        now: now,
        random: random,
        version: version,
        warn: warn
    )
    guard let make = providers[config.provider] else { throw unavailable(config, "the provider") }
    return try make(environment)
}

/// The providers: one line each.
private let providers: [ModelProvider: @Sendable (ModelEnvironment) throws -> any LanguageModel] = [
    .anthropic: makeAnthropic,
    .openai: makeByWireFormat,
    .groq: makeChat,
    .xai: makeChat,
    .openrouter: makeChat,
    .custom: makeByWireFormat,
    .scripted: makeScripted,
]

private func makeAnthropic(_ environment: ModelEnvironment) throws -> any LanguageModel {
    var base = ChatDialect.trimmed(environment.config.baseURL ?? "https://api.anthropic.com")
    if base.hasSuffix("/v1") { base.removeLast(3) }
    return AnthropicModel(ModelConnection(environment, base: base))
}

private func makeChat(_ environment: ModelEnvironment) throws -> any LanguageModel {
    let dialect = ChatDialect(environment.config)
    guard let base = dialect.base else {
        throw failure(environment.config, "the provider needs a URL: set baseUrl in the [model] table")
    }
    return ChatModel(ModelConnection(environment, base: base), dialect: dialect)
}

private func makeByWireFormat(_ environment: ModelEnvironment) throws -> any LanguageModel {
    let config = environment.config
    switch config.wireFormat ?? (config.provider == .openai ? .responses : .chat) {
    case .chat: return try makeChat(environment)
    case .anthropic: return try makeAnthropic(environment)
    case .responses: throw unavailable(config, "the wire format responses", advice: "set api = \"chat\"")
    case .google: throw unavailable(config, "the wire format google")
    }
}

private func makeScripted(_ environment: ModelEnvironment) throws -> any LanguageModel {
    guard let path = environment.facts.scriptPath else {
        throw failure(environment.config, "the scripted model needs the path of its script")
    }
    return ScriptedModel(
        script: try Script.load(path: path),
        id: environment.config.model,
        config: environment.config,
        facts: environment.facts,
        clock: environment.clock,
        now: environment.now
    )
}

private func unavailable(_ config: ModelConfig, _ what: String, advice: String? = nil) -> ModelError {
    let others = advice ?? "choose one of \(providers.keys.map(\.rawValue).sorted().joined(separator: ", "))"
    return failure(config, "\(what) is not available in this version: \(others)")
}

private func failure(_ config: ModelConfig, _ message: String) -> ModelError {
    ModelError(code: .badRequest, provider: config.provider, model: config.model, message: message)
}
