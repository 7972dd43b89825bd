import Domain

/// Models behind the Chat Completions format: OpenAI, Groq, xAI, OpenRouter and servers of one's own.
struct ChatModel: LanguageModel {
    let info: ModelInfo
    private let connection: ModelConnection
    private let dialect: ChatDialect

    init(_ connection: ModelConnection, dialect: ChatDialect) {
        self.connection = connection
        self.dialect = dialect
        info = connection.info
    }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        try await connection.repeatingWithoutRefusedFields(Self.optionalFields) { dropped in
            let writer = ChatRequest(config: connection.config, info: info, dialect: dialect, dropped: dropped)
            var assembler = ChatReply(info: info, request: request, random: connection.random)
            return try await connection.post(
                writer.body(for: request),
                path: "/chat/completions",
                headers: headers,
                into: &assembler,
                onEvent: onEvent
            )
        }
    }

    /// Fields to leave out when the server refuses them.
    private static let optionalFields = [
        "stream_options", "max_completion_tokens", "max_tokens", "reasoning", "effort", "thinking", "developer",
        "store",
        "strict",
    ]

    private var headers: [(String, String)] {
        guard info.provider == .openrouter else { return connection.bearer }
        return connection.bearer + [
            ("http-referer", "https://github.com/Action-Llama/action-llama"), ("x-title", "Action Llama"),
        ]
    }
}
