package import AsyncHTTPClient
package import Domain
import NIOHTTP1

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
    try makeLanguageModel(chain: [config], keys: key.map { [config.provider: $0] } ?? [:], in: environment)
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
    let models = try zip(chain, chain.relayNames).map { config, name in
        try ModelSetup(
            config: config,
            key: keys[config.provider],
            environment: environment,
            relay: environment.relay.map { "\($0)/\(name)" }
        ).model()
    }
    return models.count == 1 ? models[0] : FallbackModel(models, clock: environment.clock)
}

/// Writes the request that asks a model's server which models it has.
///
/// - Parameters:
///   - config: a `[model]` table.
///   - key: the provider's key; `nil` where none is needed.
///   - environment: what it shares with the model.
/// - Returns: a request for the list, of which long ones come in pages.
/// - Throws: ``ModelError`` for a model that is not behind HTTP, or whose URL is missing.
package func modelListRequest(
    _ config: ModelConfig,
    key: String?,
    in environment: ModelEnvironment
) throws -> HTTPClientRequest {
    let format = try ModelSetup(config: config, key: key, environment: environment).wireFormat()
    var request = HTTPClientRequest(url: format.connection.url(format.list.path))
    request.headers = HTTPHeaders(format.connection.headers(key: format.keyHeaders, format.list.headers))
    return request
}

extension ModelSetup {
    fileprivate func model() throws -> any LanguageModel {
        if config.provider == .scripted { return try scriptedModel() }
        return try wireFormat().model
    }

    /// How the provider is spoken to.
    ///
    /// - Throws: ``ModelError`` for a provider that is not spoken to by HTTP, or whose URL is missing.
    func wireFormat() throws -> any WireFormat {
        guard let make = wireFormats[config.provider] else { throw failure("the provider is not available") }
        return try make(self)
    }

    private func scriptedModel() throws -> any LanguageModel {
        guard let path = environment.facts.scriptPaths[config.model] else {
            throw failure("the script \(config.model) is not there")
        }
        return ScriptedModel(
            script: try Script.load(path: path),
            id: config.model,
            config: config,
            facts: environment.facts,
            clock: environment.clock,
            now: environment.now
        )
    }
}

extension WireFormat {
    fileprivate var model: any LanguageModel { HTTPModel(format: self) }
}

/// The providers: one line each.
private let wireFormats: [ModelProvider: @Sendable (ModelSetup) throws -> any WireFormat] = [
    .anthropic: anthropic,
    .custom: byConfiguration,
    .google: google,
    .groq: chat,
    .mistral: mistral,
    .openai: byConfiguration,
    .openrouter: chat,
    .xai: chat,
]

private func byConfiguration(_ setup: ModelSetup) throws -> any WireFormat {
    if setup.config.provider == .custom, setup.config.baseURL == nil {
        throw setup.failure("the provider needs a URL: set baseUrl in the [model] table")
    }
    switch setup.config.wireFormat ?? (setup.config.provider == .openai ? .responses : .chat) {
    case .chat: return try chat(setup)
    case .anthropic: return anthropic(setup)
    case .responses: return ResponsesFormat(connection: ModelConnection(setup, base: setup.base(.openai)))
    case .google: return google(setup)
    }
}

private func anthropic(_ setup: ModelSetup) -> any WireFormat {
    AnthropicFormat(ModelConnection(setup, base: setup.base(.anthropic, without: "/v1")))
}

private func chat(_ setup: ModelSetup) throws -> any WireFormat {
    let dialect = ChatDialect(setup.config)
    guard let base = dialect.base else { throw setup.failure("the provider has no URL for Chat Completions") }
    return ChatFormat(connection: ModelConnection(setup, base: base), dialect: dialect)
}

private func google(_ setup: ModelSetup) -> any WireFormat {
    GoogleFormat(connection: ModelConnection(setup, base: setup.base(.google)))
}

private func mistral(_ setup: ModelSetup) -> any WireFormat {
    MistralFormat(connection: ModelConnection(setup, base: setup.base(.mistral, without: "/v1")))
}

extension ModelSetup {
    /// The configured base URL, else that of the wire format's author, without an ending that the paths bring along.
    fileprivate func base(_ author: ModelProvider, without ending: String = "") -> String {
        let base = ChatDialect.trimmed(config.baseURL ?? author.officialBase ?? "")
        return base.hasSuffix(ending) ? String(base.dropLast(ending.count)) : base
    }
}
