import Domain
import OrderedCollections

/// Writes requests of OpenAI's Responses format.
struct ResponsesRequest {
    let config: ModelConfig
    let info: ModelInfo
    /// Keeps the requests of one conversation near their cache; empty: not sent.
    var cacheKey = ""
    /// Fields that the server has refused in this session.
    var dropped: Set<String> = []

    /// The whole body.
    func body(for request: ModelRequest) -> JSONValue {
        let limit = min(info.maxOutputTokens, 32000, request.maxOutputTokens ?? .max)
        let tools = request.tools.map(tool)
        return .object([
            "model": .string(info.id),
            "stream": true,
            "store": dropped.contains("store") ? JSONValue?.none : false,
            "max_output_tokens": dropped.contains("max_output_tokens") ? JSONValue?.none : .int(limit),
            "prompt_cache_key": cacheKey.isEmpty || dropped.contains("prompt_cache_key")
                ? JSONValue?.none : .string(cacheKey),
            "parallel_tool_calls": tools.isEmpty || dropped.contains("parallel_tool_calls") ? JSONValue?.none : true,
            "include": returnsReasoning ? ["reasoning.encrypted_content"] : JSONValue?.none,
            "reasoning": reasoning(request),
            "tools": tools.isEmpty ? JSONValue?.none : .array(tools),
            "input": .array(input(request)),
        ])
    }

    private var returnsReasoning: Bool { info.canReason && !dropped.contains("encrypted_content") }

    private func reasoning(_ request: ModelRequest) -> JSONValue? {
        guard let level = request.thinkingLevel(configured: config.thinkingLevel), info.canReason,
            dropped.isDisjoint(with: ["reasoning", "effort", "thinking"])
        else { return nil }
        return .object([
            "effort": .string(OpenAIEffort.word(for: level, model: info.id)),
            "summary": request.isCompaction ? JSONValue?.none : "auto",
        ])
    }

    private func tool(_ tool: ToolDefinition) -> JSONValue {
        .object([
            "type": "function", "name": .string(tool.name), "description": .string(tool.description),
            "parameters": tool.schema, "strict": dropped.contains("strict") ? JSONValue?.none : false,
        ])
    }

    private func input(_ request: ModelRequest) -> [JSONValue] {
        var items: [JSONValue] = []
        if !request.system.isBlank {
            let isDeveloper = info.canReason && !dropped.contains("developer")
            items.append(["role": isDeveloper ? "developer" : "system", "content": .string(request.system)])
        }
        var adapter = HistoryAdapter(info: info, keepsOwnIDs: true)
        for message in adapter.adapt(request.messages) {
            switch message {
            case .user(let message):
                let parts = message.content.compactMap(inputPart)
                if !parts.isEmpty { items.append(["role": "user", "content": .array(parts)]) }
            case .assistant(let message): items += self.items(message.content)
            case .toolResult(let message): items.append(result(message))
            }
        }
        return items
    }

    private func inputPart(_ content: Content) -> JSONValue? {
        switch content {
        case .text(let part):
            part.text.isEmpty ? JSONValue?.none : ["type": "input_text", "text": .string(part.text)]
        case .image(let image):
            [
                "type": "input_image", "image_url": .string(image.dataURL),
                "detail": "auto",
            ]
        case .thinking, .toolCall: JSONValue?.none
        }
    }

    /// The items of a reply; reasoning that nothing followed, as when it was cut off, is refused and stays out.
    private func items(_ content: [Content]) -> [JSONValue] {
        var items = content.compactMap(item)
        while items.last?["type"] == "reasoning" { items.removeLast() }
        return items
    }

    /// A part of a reply, with the id of its item as long as the reasoning it belongs to goes along.
    private func item(_ content: Content) -> JSONValue? {
        switch content {
        case .thinking(let part):
            // What we stored is what the server sent; anything else is no item of this format.
            guard returnsReasoning, let item = part.signature else { return nil }
            return try? JSONValue(parsing: item)
        case .text(let part): return part.text.isEmpty ? JSONValue?.none : text(part)
        case .toolCall(let call):
            let isObject = call.isComplete && call.arguments.objectValue != nil
            return .object([
                "type": "function_call",
                "id": returnsReasoning ? call.signature.map(JSONValue.string) : JSONValue?.none,
                "call_id": .string(call.id), "name": .string(call.name),
                "arguments": .string(isObject ? call.arguments.compactText : "{}"),
            ])
        case .image: return nil
        }
    }

    private func text(_ part: TextContent) -> JSONValue {
        guard returnsReasoning, let id = part.signature else {
            return ["role": "assistant", "content": .string(part.text)]
        }
        return [
            "type": "message", "id": .string(id), "role": "assistant", "status": "completed",
            "content": [["type": "output_text", "text": .string(part.text), "annotations": []]],
        ]
    }

    private func result(_ message: ToolResultMessage) -> JSONValue {
        let parts = message.content.compactMap(inputPart)
        let hasImages = message.content.contains { if case .image = $0 { true } else { false } }
        return [
            "type": "function_call_output", "call_id": .string(message.callID),
            "output": hasImages ? .array(parts) : .string(message.content.texts.joined(separator: "\n")),
        ]
    }
}
