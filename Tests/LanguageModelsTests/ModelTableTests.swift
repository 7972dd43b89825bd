import Domain
import Testing

@testable import LanguageModels

@Suite("Model table")
struct ModelTableTests {
    private func info(_ provider: ModelProvider, _ id: String) -> ModelInfo {
        ModelTable.info(for: ModelConfig(provider: provider, model: id))
    }

    @Test(
        "known ids, dated ids and aliases have their price",
        arguments: [
            (ModelProvider.anthropic, "claude-opus-4-6", 5.0), (.anthropic, "claude-sonnet-4-5-20250929", 3),
            (.anthropic, "claude-haiku-3-5-20241022", 0.8), (.anthropic, "claude-sonnet-4-6-20260101", 3),
            (.anthropic, "claude-sonnet-4-5-latest", 3), (.openai, "gpt-5-mini", 0.25),
            (.openrouter, "anthropic/claude-sonnet-4.6", 3), (.google, "gemini-2.0-flash-exp", 0.1),
            (.mistral, "mistral-large-2512", 0.5), (.anthropic, "claude-sonnet-4", 3), (.xai, "grok-4-latest", 3),
        ]
    )
    func known(provider: ModelProvider, id: String, input: Double) {
        #expect(info(provider, id).price?.input == input)
        #expect(info(provider, id).id == id)
    }

    @Test("a relative lends its window but not its price")
    func relatives() {
        let opus = info(.anthropic, "claude-opus-4-9")
        #expect(opus.contextWindow == 1_000_000 && opus.price == nil && opus.canReason)
        let o1 = info(.openai, "o1-preview")
        #expect(o1.contextWindow == 200_000 && o1.price == nil)
    }

    @Test("strangers get defaults and an unknown price")
    func strangers() {
        let stranger = info(.groq, "brand-new")
        #expect(stranger.contextWindow == 128_000 && stranger.maxOutputTokens == 8192 && stranger.price == nil)
        #expect(!stranger.canReason && !stranger.acceptsImages)
        let own = info(.custom, "qwen3:8b")
        #expect(own.contextWindow == 32768 && own.maxOutputTokens == 4096 && own.canReason)
    }

    @Test("the configuration overrides the table")
    func overrides() {
        var config = ModelConfig(provider: .anthropic, model: "claude-opus-4-6")
        config.contextWindow = 1
        config.maxTokens = 2
        config.images = false
        config.reasoning = false
        config.price = ModelPrice(input: 9, output: 9)
        let info = ModelTable.info(for: config)
        #expect(info.contextWindow == 1 && info.maxOutputTokens == 2 && !info.acceptsImages && !info.canReason)
        #expect(info.price?.input == 9)
    }

    @Test("cache writes kept for an hour cost twice the input price")
    func money() {
        let price = ModelPrice(input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25)
        let usage = TokenUsage(input: 1_000_000, output: 1_000_000, cacheRead: 1_000_000, cacheWrite: 1_000_000)
        #expect(abs(price.cost(of: usage) - 4.35) < 1e-9)
        #expect(abs(price.cost(of: usage, longCacheWrite: 1_000_000) - 5.1) < 1e-9)
    }

    @Test("long prompts cost more where the table says so, cached tokens count for the length")
    func tiers() {
        let pro = info(.google, "gemini-2.5-pro")
        let short = TokenUsage(input: 100_000, output: 1000, cacheRead: 100_000)
        #expect(abs((pro.cost(of: short) ?? 0) - 0.166) < 1e-9)
        let long = TokenUsage(input: 100_001, output: 1000, cacheRead: 100_000)
        #expect(abs((pro.cost(of: long) ?? 0) - 0.327_502_5) < 1e-9)
        var own = ModelConfig(provider: .google, model: "gemini-2.5-pro")
        own.price = ModelPrice(input: 1, output: 1)
        #expect(ModelTable.info(for: own).tiers.isEmpty)
        #expect(info(.google, "unheard-of").cost(of: short) == nil)
    }

    @Test("a line that does not fit is named")
    func brokenLine() throws {
        let table = try JSONValue(parsing: #"{"models":[{"provider":"xai","id":"a"}]}"#)
        #expect(throws: ModelRowError(line: 0)) { try ModelRow.list(table) }
    }

    @Test("ids are unique within a provider")
    func unique() {
        let ids = ModelTable.rows.flatMap { row in row.ids.map { "\(row.provider.rawValue) \($0)" } }
        #expect(Set(ids).count == ids.count)
        #expect(ModelTable.rows.count == 52)
    }

    @Test(
        "a thinking level without effect is told",
        arguments: [
            (ModelProvider.anthropic, "claude-sonnet-4-6", ThinkingLevel.off, String?.none),
            (.anthropic, "claude-3-5-haiku-20241022", .low, "the model does not think"),
            (.anthropic, "claude-opus-5-5", .off, "always thinks"), (.anthropic, "claude-opus-5-5", .low, nil),
            (.xai, "grok-4", .high, "cannot be told"), (.xai, "grok-3-mini", .high, nil),
            (.custom, "qwen3:8b", .off, "cannot be told"),
            (.openai, "gpt-5.2", .low, nil),
        ]
    )
    func thinkingNotes(provider: ModelProvider, model: String, level: ThinkingLevel, note: String?) {
        var config = ModelConfig(provider: provider, model: model)
        #expect(config.thinkingNote == nil)
        config.thinkingLevel = level
        #expect(note == nil ? config.thinkingNote == nil : config.thinkingNote?.contains(note ?? "") == true)
    }
}
