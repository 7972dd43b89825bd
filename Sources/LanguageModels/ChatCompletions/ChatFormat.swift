import Domain

/// Models behind the Chat Completions format: OpenAI, Groq, xAI, OpenRouter and servers of one's own.
struct ChatFormat: WireFormat {
    let connection: ModelConnection
    let dialect: ChatDialect

    /// `signature` stands for reasoning in the history, `image` for its pictures.
    static let optionalFields = [
        "signature", "stream_options", "max_completion_tokens", "max_tokens", "reasoning", "effort", "thinking",
        "developer", "store", "strict", "image",
    ]

    func exchange(for request: ModelRequest, without dropped: Set<String>) -> WireExchange<ChatReply> {
        let writer = ChatRequest(
            config: connection.config,
            info: info(without: dropped),
            dialect: dialect,
            dropped: dropped
        )
        return WireExchange(
            body: writer.body(for: request),
            headers: headers,
            assembler: ChatReply(info: info, request: request, random: connection.random, warn: connection.warn)
        )
    }

    var path: String { "/chat/completions" }
    var keyHeaders: [(String, String)] { connection.bearer }

    private var headers: [(String, String)] {
        guard info.provider == .openrouter else { return [] }
        return [
            ("http-referer", "https://github.com/Action-Llama/action-llama"), ("x-title", "Action Llama"),
        ]
    }
}
