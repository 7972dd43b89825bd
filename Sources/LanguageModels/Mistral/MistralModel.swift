import Domain

/// Mistral's models, whose Chat Completions have an accent of their own.
struct MistralModel: LanguageModel {
    let info: ModelInfo
    private let connection: ModelConnection

    init(_ connection: ModelConnection) {
        self.connection = connection
        info = connection.info
    }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        try await connection.repeatingWithoutRefusedFields(Self.optionalFields) { dropped in
            let writer = MistralRequest(
                info: info,
                thinkingLevel: connection.config.thinkingLevel,
                dropped: dropped
            )
            var assembler = ChatReply(info: info, request: request, random: connection.random)
            return try await connection.post(
                writer.body(for: request),
                path: "/v1/chat/completions",
                headers: headers,
                into: &assembler,
                onEvent: onEvent
            )
        }
    }

    /// Fields to leave out when the server refuses them; `thinking` stands for reasoning in the history.
    private static let optionalFields = ["prompt_mode", "reasoning", "thinking", "max_tokens"]

    private var headers: [(String, String)] {
        let conversation = connection.conversation
        return connection.bearer + (conversation.isEmpty ? [] : [("x-affinity", conversation)])
    }
}
