package import Domain

/// Makes the model that a configuration names.
///
/// - Parameters:
///   - config: a `[model]` table.
///   - key: the provider's key; `nil` where none is needed.
///   - environment: what it shares with other models of the run.
/// - Returns: the model, ready for a conversation.
/// - Throws: ``ModelError`` when its URL or script is missing, ``ScriptError`` for a broken script.
package func makeLanguageModel(
    _ config: ModelConfig,
    key: String?,
    in environment: ModelEnvironment
) throws -> any LanguageModel {
    let setup = ModelSetup(config: config, key: key, environment: environment)
    guard let make = providers[config.provider] else { throw setup.failure("the provider is not available") }
    return try make(setup)
}

/// Makes the model of an agent: one, or a chain of which the first that works answers.
///
/// - Parameters:
///   - chain: the models in the order in which they are tried; not empty.
///   - keys: the providers' keys, as far as they need any.
///   - environment: what the models share.
/// - Returns: the model, ready for a conversation.
/// - Throws: as ``makeLanguageModel(_:key:in:)``.
package func makeLanguageModel(
    chain: [ModelConfig],
    keys: [ModelProvider: String],
    in environment: ModelEnvironment
) throws -> any LanguageModel {
    let models = try chain.map { try makeLanguageModel($0, key: keys[$0.provider], in: environment) }
    return models.count == 1 ? models[0] : FallbackModel(models, clock: environment.clock)
}

/// The providers: one line each.
private let providers: [ModelProvider: @Sendable (ModelSetup) throws -> any LanguageModel] = [
    .anthropic: makeAnthropic,
    .custom: makeByWireFormat,
    .google: makeGoogle,
    .groq: makeChat,
    .mistral: makeMistral,
    .openai: makeByWireFormat,
    .openrouter: makeChat,
    .scripted: makeScripted,
    .xai: makeChat,
]

private func makeByWireFormat(_ setup: ModelSetup) throws -> any LanguageModel {
    if setup.config.provider == .custom, setup.config.baseURL == nil {
        throw setup.failure("the provider needs a URL: set baseUrl in the [model] table")
    }
    switch setup.config.wireFormat ?? (setup.config.provider == .openai ? .responses : .chat) {
    case .chat: return try makeChat(setup)
    case .anthropic: return makeAnthropic(setup)
    case .responses: return makeResponses(setup)
    case .google: return makeGoogle(setup)
    }
}

private func makeAnthropic(_ setup: ModelSetup) -> any LanguageModel {
    let connection = ModelConnection(setup, base: setup.base(.anthropic, without: "/v1"))
    return HTTPModel(format: AnthropicFormat(connection))
}

private func makeChat(_ setup: ModelSetup) throws -> any LanguageModel {
    let dialect = ChatDialect(setup.config)
    guard let base = dialect.base else { throw setup.failure("the provider has no URL for Chat Completions") }
    return HTTPModel(format: ChatFormat(connection: ModelConnection(setup, base: base), dialect: dialect))
}

private func makeResponses(_ setup: ModelSetup) -> any LanguageModel {
    let connection = ModelConnection(setup, base: setup.base(.openai))
    return HTTPModel(format: ResponsesFormat(connection: connection))
}

private func makeGoogle(_ setup: ModelSetup) -> any LanguageModel {
    HTTPModel(format: GoogleFormat(connection: ModelConnection(setup, base: setup.base(.google))))
}

private func makeMistral(_ setup: ModelSetup) -> any LanguageModel {
    let connection = ModelConnection(setup, base: setup.base(.mistral, without: "/v1"))
    return HTTPModel(format: MistralFormat(connection: connection))
}

private func makeScripted(_ setup: ModelSetup) throws -> any LanguageModel {
    guard let path = setup.environment.facts.scriptPaths[setup.config.model] else {
        throw setup.failure("the script \(setup.config.model) is not there")
    }
    return ScriptedModel(
        script: try Script.load(path: path),
        id: setup.config.model,
        config: setup.config,
        facts: setup.environment.facts,
        clock: setup.environment.clock,
        now: setup.environment.now
    )
}

extension ModelSetup {
    /// The configured base URL, else that of the wire format's author, without an ending that the paths bring along.
    fileprivate func base(_ author: ModelProvider, without ending: String = "") -> String {
        let base = ChatDialect.trimmed(config.baseURL ?? author.officialBase ?? "")
        return base.hasSuffix(ending) ? String(base.dropLast(ending.count)) : base
    }
}
