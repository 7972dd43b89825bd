import Domain

/// Gemini models through Google's `streamGenerateContent`.
struct GoogleModel: LanguageModel {
    let info: ModelInfo
    private let connection: ModelConnection

    init(_ connection: ModelConnection) {
        self.connection = connection
        info = connection.info
    }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        try await connection.repeatingWithoutRefusedFields(Self.optionalFields) { dropped in
            let writer = GoogleRequest(
                info: info,
                thinkingLevel: connection.config.thinkingLevel,
                dropped: dropped
            )
            var assembler = GoogleReply(info: info, request: request, warn: connection.warn)
            return try await connection.post(
                writer.body(for: request),
                path: "/models/\(info.id):streamGenerateContent?alt=sse",
                headers: connection.key.map { [("x-goog-api-key", $0)] } ?? [],
                into: &assembler,
                onEvent: onEvent
            )
        }
    }

    /// Fields to leave out when the server refuses them; `signature` stands for thinking in the history.
    private static let optionalFields = ["signature", "thinking"]
}
