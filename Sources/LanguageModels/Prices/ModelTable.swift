package import Domain

/// What is known about models without asking anybody.
package enum ModelTable {
    /// Known models, from the resource `models.json`, which is part of the executable.
    static let rows: [ModelRow] = {
        do {
            return try ModelRow.list(JSONValue(parsing: PackageResources.models_json))
        } catch {
            preconditionFailure("models.json: \(error)")
        }
    }()

    /// Looks a configured model up; the configuration overrides the table.
    ///
    /// An id that is not in the table is never an error: its price is unknown and the rest is guessed.
    package static func info(for config: ModelConfig) -> ModelInfo {
        var info = known(provider: config.provider, id: config.model)
        info.contextWindow = config.contextWindow ?? info.contextWindow
        info.maxOutputTokens = config.maxTokens ?? info.maxOutputTokens
        info.acceptsImages = config.images ?? info.acceptsImages
        info.canReason = config.reasoning ?? info.canReason
        if let price = config.price {
            info.price = price
            info.tiers = []
        }
        return info
    }

    /// Ids of the provider that look like this one, the most similar first, at most three.
    static func nearestIDs(provider: ModelProvider, id: String) -> [String] {
        let candidates = rows.filter { $0.provider == provider }.map { $0.ids[0] }
        let ranked = candidates.map { (id: $0, distance: $0.editDistance(to: id)) }.sorted { $0.distance < $1.distance }
        return ranked.prefix(3).map(\.id)
    }

    private static func known(provider: ModelProvider, id: String) -> ModelInfo {
        if let row = row(provider: provider, id: id) ?? row(provider: provider, id: baseID(id)) {
            return info(row, id: id, hasPrice: true)
        }
        if let row = relative(provider: provider, id: id) { return info(row, id: id, hasPrice: false) }
        let isCustom = provider == .custom
        return ModelInfo(
            provider: provider,
            id: id,
            contextWindow: isCustom ? 32768 : 128_000,
            maxOutputTokens: isCustom ? 4096 : 8192,
            canReason: soundsLikeReasoning(id)
        )
    }

    private static func info(_ row: ModelRow, id: String, hasPrice: Bool) -> ModelInfo {
        ModelInfo(
            provider: row.provider,
            id: id,
            contextWindow: row.window,
            maxOutputTokens: row.maxOutput,
            acceptsImages: row.acceptsImages,
            canReason: row.canReason,
            price: hasPrice ? row.price : nil,
            tiers: hasPrice ? row.tiers : []
        )
    }

    private static func row(provider: ModelProvider, id: String) -> ModelRow? {
        rows.first { $0.provider == provider && $0.ids.contains(id) }
    }

    /// The id without a date or `-latest` at its end.
    private static func baseID(_ id: String) -> String {
        guard let dash = id.lastIndex(of: "-") else { return id }
        let tail = id[dash...].dropFirst()
        let isDate = tail.count == 8 && tail.allSatisfy(\.isNumber)
        return isDate || tail == "latest" ? String(id[..<dash]) : id
    }

    /// The model of the same family whose id shares the most leading parts.
    private static func relative(provider: ModelProvider, id: String) -> ModelRow? {
        let parts = id.split(separator: "-")
        var best: (row: ModelRow, length: Int)?
        for row in rows where row.provider == provider {
            for known in row.ids {
                let isPrefix = id.hasPrefix(known)
                let shared = zip(known.split(separator: "-"), parts).prefix { $0 == $1 }.count
                // One shared word ("claude", "gpt") says nothing of the family.
                guard isPrefix || shared >= 2 else { continue }
                let length = isPrefix ? known.count : parts.prefix(shared).joined(separator: "-").count
                if length > best?.length ?? 0 { best = (row, length) }
            }
        }
        return best?.row
    }

    private static func soundsLikeReasoning(_ id: String) -> Bool {
        let words = [
            "gpt-5", "gpt-oss", "o1", "o3", "o4", "qwen3", "deepseek-r1", "magistral", "gemini-2.5", "gemini-3",
            "grok-4",
            "claude-opus", "claude-sonnet-4", "kimi-k2-thinking", "reason", "think",
        ]
        let name = (id.split(separator: "/").last.map(String.init) ?? id).lowercased()
        return words.contains { $0.count == 2 ? name.hasPrefix($0) : name.contains($0) }
    }
}
