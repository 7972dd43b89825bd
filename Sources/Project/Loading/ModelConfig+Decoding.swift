import Domain
import OrderedCollections

extension ModelConfig {
    /// Reads a `[model]` table; `nil` when provider or model cannot be told.
    init?(decoding decoder: TableDecoder) {
        let provider = decoder.choice("provider", of: ModelProvider.self)
        let model = decoder.text("model")
        for key in ["provider", "model"] where decoder.members[key] == nil {
            decoder.report.add(.configBadValue, at: decoder.full(key), "is missing")
        }
        var config = ModelConfig(provider: provider ?? .custom, model: model ?? "")
        config.decodeOptions(decoder)
        guard let provider, model != nil else { return nil }
        config.checkAuthentication(decoder)
        if provider == .custom, decoder.members["baseUrl"] == nil {
            decoder.report.add(.configBadValue, at: decoder.full("baseUrl"), "is missing; provider custom needs it")
        }
        self = config
    }

    private mutating func decodeOptions(_ decoder: TableDecoder) {
        authentication = decoder.choice("authType", of: ModelAuthentication.self) ?? .apiKey
        thinkingLevel = decoder.choice("thinkingLevel", of: ThinkingLevel.self)
        baseURL = decoder.webAddress("baseUrl").map(Self.trimmed)
        contextWindow = decoder.count("contextWindow")
        maxTokens = decoder.count("maxTokens")
        images = decoder.boolean("images")
        reasoning = decoder.boolean("reasoning")
        price = decoder.table("price").flatMap(ModelPrice.init(decoding:))
        wireFormat = decoder.choice("api", of: ModelWireFormat.self)
        if let table = decoder.table("headers") {
            for key in table.members.keys { headers[key] = table.text(key) }
        }
        compatibility.systemRole = decoder.text("systemRole")
        compatibility.store = decoder.boolean("store")
        compatibility.maxField = decoder.text("maxField")
        compatibility.thinkingFormat = decoder.choice("thinkingFormat", among: ["effort", "qwen", "template"])
        compatibility.strictTools = decoder.boolean("strictTools")
        compatibility.replayReasoning = decoder.boolean("replayReasoning")
        decoder.finish()
    }

    private func checkAuthentication(_ decoder: TableDecoder) {
        let path = decoder.full("authType")
        if provider != .scripted, decoder.members["authType"] == nil {
            decoder.report.add(.configDefaulted, at: path, "is missing, api_key is used")
        }
        if authentication == .oauthToken, provider != .anthropic {
            decoder.report.add(.modelAuthType, at: path, "oauth_token works with anthropic only")
        }
    }

    private static func trimmed(_ address: String) -> String {
        let ending = "/chat/completions"
        return address.hasSuffix(ending) ? String(address.dropLast(ending.count)) : address
    }
}

extension ModelPrice {
    fileprivate init?(decoding decoder: TableDecoder) {
        var prices: [String: Double] = [:]
        for key in ["input", "output", "cacheRead", "cacheWrite"] {
            guard let value = decoder.value(key) else { continue }
            guard let price = value.doubleValue, price >= 0 else {
                let message = "expected a price ≥ 0, found \(value.compactText)"
                decoder.report.add(.configBadType, at: decoder.full(key), message)
                continue
            }
            prices[key] = price
        }
        decoder.finish()
        for key in ["input", "output"] where decoder.members[key] == nil {
            decoder.report.add(.configBadType, at: decoder.full(key), "is missing: USD per million tokens")
        }
        guard let input = prices["input"], let output = prices["output"] else { return nil }
        self.init(
            input: input,
            output: output,
            cacheRead: prices["cacheRead"] ?? 0,
            cacheWrite: prices["cacheWrite"] ?? 0
        )
    }
}
