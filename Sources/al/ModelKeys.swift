import Domain

extension [ModelProvider: String] {
    /// The keys of models, out of what the store gives for them.
    ///
    /// - Parameters:
    ///   - stored: `{"<type>":{"default":{"token":…}}}`
    ///   - models: whose providers count.
    init(_ stored: JSONValue, for models: [ModelConfig]) {
        self = [:]
        for provider in Set(models.map(\.provider)) {
            guard let type = provider.credentialType else { continue }
            self[provider] = stored[type]?["default"]?["token"]?.stringValue
        }
    }
}
