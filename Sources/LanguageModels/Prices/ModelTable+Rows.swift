import Domain

extension ModelTable {
    /// Known models.
    ///
    /// Columns: context window and output limit in tokens; prices in USD per million tokens of input, output, cache
    /// read and cache write; `r` = reasons, `i` = takes images. State of March 2026.
    static let rows: [ModelRow] =
        anthropicRows + openAIRows + googleRows + groqRows + xaiRows + mistralRows + openRouterRows

    private static let anthropicRows: [ModelRow] = [
        .init(.anthropic, ["claude-opus-4-6"], 1_000_000, 128_000, 5, 25, 0.5, 6.25, "ri"),
        .init(.anthropic, ["claude-sonnet-4-6"], 1_000_000, 64_000, 3, 15, 0.3, 3.75, "ri"),
        .init(.anthropic, ["claude-opus-4-5", "claude-opus-4-5-20251101"], 200_000, 64_000, 5, 25, 0.5, 6.25, "ri"),
        .init(
            .anthropic,
            ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929"],
            200_000,
            64_000,
            3,
            15,
            0.3,
            3.75,
            "ri"
        ),
        .init(.anthropic, ["claude-haiku-4-5", "claude-haiku-4-5-20251001"], 200_000, 64_000, 1, 5, 0.1, 1.25, "ri"),
        .init(
            .anthropic,
            [
                "claude-opus-4-1", "claude-opus-4-1-20250805", "claude-opus-4-20250514", "claude-opus-4-0",
                "claude-opus-4",
            ],
            200_000,
            32_000,
            15,
            75,
            1.5,
            18.75,
            "ri"
        ),
        .init(
            .anthropic,
            ["claude-sonnet-4-20250514", "claude-sonnet-4-0", "claude-sonnet-4"],
            200_000,
            64_000,
            3,
            15,
            0.3,
            3.75,
            "ri"
        ),
        .init(
            .anthropic,
            ["claude-3-7-sonnet-20250219", "claude-3-7-sonnet"],
            200_000,
            64_000,
            3,
            15,
            0.3,
            3.75,
            "ri"
        ),
        .init(
            .anthropic,
            ["claude-3-5-haiku-20241022", "claude-3-5-haiku", "claude-haiku-3-5-20241022"],
            200_000,
            8192,
            0.8,
            4,
            0.08,
            1,
            "i"
        ),
    ]

    private static let openAIRows: [ModelRow] = [
        .init(.openai, ["gpt-5.4"], 272_000, 128_000, 2.5, 15, 0.25, 0, "ri"),
        .init(.openai, ["gpt-5.3-codex"], 400_000, 128_000, 1.75, 14, 0.175, 0, "ri"),
        .init(.openai, ["gpt-5.2"], 400_000, 128_000, 1.75, 14, 0.175, 0, "ri"),
        .init(.openai, ["gpt-5.2-codex"], 400_000, 128_000, 1.75, 14, 0.175, 0, "ri"),
        .init(.openai, ["gpt-5.1"], 400_000, 128_000, 1.25, 10, 0.125, 0, "ri"),
        .init(.openai, ["gpt-5.1-codex"], 400_000, 128_000, 1.25, 10, 0.125, 0, "ri"),
        .init(.openai, ["gpt-5"], 400_000, 128_000, 1.25, 10, 0.125, 0, "ri"),
        .init(.openai, ["gpt-5-codex"], 400_000, 128_000, 1.25, 10, 0.125, 0, "ri"),
        .init(.openai, ["gpt-5-mini"], 400_000, 128_000, 0.25, 2, 0.025, 0, "ri"),
        .init(.openai, ["gpt-5-nano"], 400_000, 128_000, 0.05, 0.4, 0.005, 0, "ri"),
        .init(.openai, ["gpt-4.1"], 1_047_576, 32_768, 2, 8, 0.5, 0, "i"),
        .init(.openai, ["gpt-4.1-mini"], 1_047_576, 32_768, 0.4, 1.6, 0.1, 0, "i"),
        .init(.openai, ["gpt-4o"], 128_000, 16_384, 2.5, 10, 1.25, 0, "i"),
        .init(.openai, ["gpt-4o-mini"], 128_000, 16_384, 0.15, 0.6, 0.08, 0, "i"),
        .init(.openai, ["gpt-4-turbo"], 128_000, 4096, 10, 30, 0, 0, "i"),
        .init(.openai, ["o3"], 200_000, 100_000, 2, 8, 0.5, 0, "ri"),
        .init(.openai, ["o4-mini"], 200_000, 100_000, 1.1, 4.4, 0.28, 0, "ri"),
        .init(.openai, ["o1"], 200_000, 100_000, 15, 60, 7.5, 0, "ri"),
    ]

    private static let googleRows: [ModelRow] = [
        .init(.google, ["gemini-3.1-pro-preview"], 1_048_576, 65_536, 2, 12, 0.2, 0, "ri"),
        .init(.google, ["gemini-3-flash-preview"], 1_048_576, 65_536, 0.5, 3, 0.05, 0, "ri"),
        .init(.google, ["gemini-2.5-pro"], 1_048_576, 65_536, 1.25, 10, 0.31, 0, "ri"),
        .init(.google, ["gemini-2.5-flash"], 1_048_576, 65_536, 0.3, 2.5, 0.075, 0, "ri"),
        .init(.google, ["gemini-2.5-flash-lite"], 1_048_576, 65_536, 0.1, 0.4, 0.025, 0, "ri"),
        .init(.google, ["gemini-2.0-flash", "gemini-2.0-flash-exp"], 1_048_576, 8192, 0.1, 0.4, 0.025, 0, "i"),
    ]

    private static let groqRows: [ModelRow] = [
        .init(.groq, ["llama-3.3-70b-versatile"], 131_072, 32_768, 0.59, 0.79, 0, 0, ""),
        .init(.groq, ["openai/gpt-oss-120b"], 131_072, 65_536, 0.15, 0.6, 0, 0, "r"),
        .init(.groq, ["openai/gpt-oss-20b"], 131_072, 65_536, 0.075, 0.3, 0, 0, "r"),
        .init(.groq, ["qwen/qwen3-32b"], 131_072, 16_384, 0.29, 0.59, 0, 0, "r"),
        .init(.groq, ["moonshotai/kimi-k2-instruct-0905"], 262_144, 16_384, 1, 3, 0, 0, ""),
    ]

    private static let xaiRows: [ModelRow] = [
        .init(.xai, ["grok-4"], 256_000, 64_000, 3, 15, 0.75, 0, "r"),
        .init(.xai, ["grok-4-1-fast"], 2_000_000, 30_000, 0.2, 0.5, 0.05, 0, "ri"),
        .init(.xai, ["grok-code-fast-1"], 256_000, 10_000, 0.2, 1.5, 0.02, 0, "r"),
        .init(.xai, ["grok-3-mini"], 131_072, 8192, 0.3, 0.5, 0.075, 0, "r"),
        .init(.xai, ["grok-beta"], 131_072, 4096, 5, 15, 5, 0, ""),
    ]

    private static let mistralRows: [ModelRow] = [
        .init(.mistral, ["mistral-large-latest", "mistral-large-2512"], 262_144, 262_144, 0.5, 1.5, 0, 0, "i"),
        .init(.mistral, ["mistral-large-2411"], 131_072, 16_384, 2, 6, 0, 0, ""),
        .init(.mistral, ["mistral-medium-latest"], 128_000, 16_384, 0.4, 2, 0, 0, "i"),
        .init(.mistral, ["devstral-medium-latest", "devstral-2512"], 262_144, 262_144, 0.4, 2, 0, 0, ""),
        .init(.mistral, ["magistral-medium-latest"], 128_000, 16_384, 2, 5, 0, 0, "r"),
    ]

    private static let openRouterRows: [ModelRow] = [
        .init(.openrouter, ["anthropic/claude-sonnet-4.6"], 1_000_000, 128_000, 3, 15, 0.3, 3.75, "ri"),
        .init(.openrouter, ["moonshotai/kimi-k2.5"], 262_144, 4096, 0.41, 2.06, 0.07, 0, "ri"),
        .init(.openrouter, ["qwen/qwen3-coder"], 262_144, 4096, 0.22, 1, 0.022, 0, ""),
        .init(.openrouter, ["deepseek/deepseek-v3.2"], 163_840, 4096, 0.26, 0.38, 0.13, 0, "r"),
    ]
}
