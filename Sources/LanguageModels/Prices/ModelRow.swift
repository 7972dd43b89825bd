import Domain

/// A line of the table of known models.
struct ModelRow: Hashable, Sendable {
    let provider: ModelProvider
    /// The id first, then other names of the same model.
    let ids: [String]
    let window: Int
    let maxOutput: Int
    let price: ModelPrice
    let tiers: [PriceTier]
    let canReason: Bool
    let acceptsImages: Bool

    /// The lines of the resource.
    ///
    /// - Throws: ``ModelRowError`` naming the first line that does not fit.
    static func list(_ json: JSONValue) throws(ModelRowError) -> [ModelRow] {
        var rows: [ModelRow] = []
        for (index, line) in (json["models"]?.arrayValue ?? []).enumerated() {
            guard let row = ModelRow(line) else { throw ModelRowError(line: index) }
            rows.append(row)
        }
        return rows
    }

    private init?(_ json: JSONValue) {
        guard let provider = json["provider"]?.stringValue.flatMap(ModelProvider.init(rawValue:)),
            let id = json["id"]?.stringValue, let window = json["window"]?.intValue,
            let maxOutput = json["output"]?.intValue, let price = json["price"].flatMap(ModelPrice.init(row:))
        else { return nil }
        self.provider = provider
        ids = [id] + (json["aliases"]?.arrayValue ?? []).compactMap(\.stringValue)
        self.window = window
        self.maxOutput = maxOutput
        self.price = price
        tiers = (json["above"]?.arrayValue ?? []).compactMap(PriceTier.init(row:))
        canReason = json["reasoning"]?.boolValue ?? false
        acceptsImages = json["images"]?.boolValue ?? false
    }
}

/// A line of the table that cannot be read.
struct ModelRowError: Error, Hashable, Sendable {
    /// Counted from 0.
    let line: Int
}

extension ModelPrice {
    fileprivate init?(row json: JSONValue) {
        guard let input = json["input"]?.doubleValue, let output = json["output"]?.doubleValue else { return nil }
        self.init(
            input: input,
            output: output,
            cacheRead: json["cacheRead"]?.doubleValue ?? 0,
            cacheWrite: json["cacheWrite"]?.doubleValue ?? 0
        )
    }
}

extension PriceTier {
    fileprivate init?(row json: JSONValue) {
        guard let tokens = json["tokens"]?.intValue, let price = ModelPrice(row: json) else { return nil }
        self.init(above: tokens, price: price)
    }
}
