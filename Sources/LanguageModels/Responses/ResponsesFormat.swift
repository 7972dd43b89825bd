import Domain

/// Models behind OpenAI's Responses format.
struct ResponsesFormat: WireFormat {
    let connection: ModelConnection

    /// `encrypted_content` stands for reasoning in the history, `image` for its pictures.
    static let optionalFields = [
        "encrypted_content", "parallel_tool_calls", "prompt_cache_key", "max_output_tokens", "effort", "reasoning",
        "thinking", "developer", "store", "strict", "image",
    ]

    var path: String { "/responses" }
    var keyHeaders: [(String, String)] { connection.bearer }

    func explained(_ error: ModelError) -> ModelError {
        // Reasoning is asked for by `include` and goes back among the items of `input`.
        let isAboutReasoning =
            error.parameter == "include"
            || (error.parameter?.hasPrefix("input") == true && error.message.contains("reasoning"))
        guard isAboutReasoning else { return error }
        var explained = error
        explained.parameter = "encrypted_content"
        return explained
    }

    func exchange(for request: ModelRequest, without dropped: Set<String>) -> WireExchange<ResponsesReply> {
        let writer = ResponsesRequest(
            config: connection.config,
            info: info(without: dropped),
            cacheKey: connection.isAt(ModelProvider.openai.officialBase ?? "") ? connection.conversation : "",
            dropped: dropped
        )
        return WireExchange(
            body: writer.body(for: request),
            assembler: ResponsesReply(info: info, request: request, warn: connection.warn)
        )
    }
}
