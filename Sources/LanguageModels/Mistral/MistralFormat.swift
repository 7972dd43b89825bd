import Domain

/// Mistral's models, whose Chat Completions have an accent of their own.
struct MistralFormat: WireFormat {
    let connection: ModelConnection

    /// `thinking` stands for reasoning in the history, `image` for its pictures.
    static let optionalFields = ["prompt_mode", "reasoning", "thinking", "max_tokens", "image"]

    var path: String { "/v1/chat/completions" }
    var keyHeaders: [(String, String)] { connection.bearer }
    var list: (path: String, headers: [(String, String)]) { ("/v1/models", []) }

    func exchange(for request: ModelRequest, without dropped: Set<String>) -> WireExchange<ChatReply> {
        let writer = MistralRequest(
            info: info(without: dropped),
            thinkingLevel: connection.config.thinkingLevel,
            dropped: dropped
        )
        let conversation = connection.conversation
        return WireExchange(
            body: writer.body(for: request),
            headers: conversation.isEmpty ? [] : [("x-affinity", conversation)],
            assembler: ChatReply(info: info, request: request, random: connection.random, warn: connection.warn)
        )
    }
}
