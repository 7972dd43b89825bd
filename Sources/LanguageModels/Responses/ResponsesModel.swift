import Domain

/// Models behind OpenAI's Responses format.
struct ResponsesModel: LanguageModel {
    static let officialBase = "https://api.openai.com/v1"

    let info: ModelInfo
    private let connection: ModelConnection

    init(_ connection: ModelConnection) {
        self.connection = connection
        info = connection.info
    }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        try await connection.repeatingWithoutRefusedFields(Self.optionalFields) { dropped in
            let writer = ResponsesRequest(
                config: connection.config,
                info: info,
                cacheKey: connection.isAt(Self.officialBase) ? connection.conversation : "",
                dropped: dropped
            )
            var assembler = ResponsesReply(info: info, request: request, warn: connection.warn)
            return try await connection.post(
                writer.body(for: request),
                path: "/responses",
                headers: connection.bearer,
                into: &assembler,
                onEvent: onEvent
            )
        }
    }

    /// Fields to leave out when the server refuses them; `encrypted_content` stands for reasoning in the history.
    private static let optionalFields = [
        "encrypted_content", "parallel_tool_calls", "prompt_cache_key", "max_output_tokens", "effort", "reasoning",
        "thinking", "developer", "store", "strict",
    ]
}
