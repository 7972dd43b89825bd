import Domain

extension [ModelConfig] {
    /// The names under which the gateway knows the models of a chain: the provider, from its second model on with a
    /// number, as in `/llm/custom` and `/llm/custom-2`.
    package var relayNames: [String] {
        var counts: [ModelProvider: Int] = [:]
        return map { config in
            let count = counts[config.provider, default: 0] + 1
            counts[config.provider] = count
            return count == 1 ? config.provider.rawValue : "\(config.provider.rawValue)-\(count)"
        }
    }
}
