import Domain
import OrderedCollections

/// Writes requests of the Anthropic Messages API (version 2023-06-01).
struct AnthropicRequest {
    let info: ModelInfo
    let thinkingLevel: ThinkingLevel?
    /// Fields that the server has refused in this session.
    var dropped: Set<String> = []

    /// The thinking settings that ``body(for:)`` uses.
    func thinking(for request: ModelRequest) -> AnthropicThinking {
        let level = request.thinkingLevel(configured: thinkingLevel)
        // A budget for thinking demands thinking in the history too.
        let isBudget = AnthropicVersion(info.id) < AnthropicThinking.adaptive
        let refused: Set = isBudget ? ["thinking", "effort", "signature"] : ["thinking", "effort"]
        let allowed = dropped.isDisjoint(with: refused) ? level : nil
        return AnthropicThinking(level: allowed, info: info, limit: request.maxOutputTokens)
    }

    /// The whole body.
    func body(for request: ModelRequest) -> JSONValue {
        let thinking = thinking(for: request)
        let system: JSONValue? =
            request.system.isBlank
            ? JSONValue?.none : [["type": "text", "text": .string(request.system), "cache_control": Self.cacheMark]]
        return .object([
            "model": .string(info.id),
            "max_tokens": .int(thinking.maxTokens),
            "stream": true,
            "system": system,
            "tools": request.tools.isEmpty ? JSONValue?.none : .array(request.tools.map(tool)),
            "messages": .array(messages(request.messages)),
            "thinking": thinking.thinking,
            "output_config": thinking.outputConfig,
        ])
    }

    private static let cacheMark: JSONValue = ["type": "ephemeral"]

    private func tool(_ tool: ToolDefinition) -> JSONValue {
        ["name": .string(tool.name), "description": .string(tool.description), "input_schema": tool.schema]
    }

    /// Messages with alternating roles: what follows one another with the same role is one message, results first.
    private func messages(_ history: [Message]) -> [JSONValue] {
        var adapter = HistoryAdapter(info: info)
        var turns: [(role: String, blocks: [JSONValue])] = []
        for message in adapter.adapt(history) {
            let role: String
            let blocks: [JSONValue]
            switch message {
            case .user(let message):
                role = "user"
                blocks = message.content.compactMap(userBlock)
            case .toolResult(let message):
                role = "user"
                blocks = [result(message)]
            case .assistant(let message):
                role = "assistant"
                blocks = message.content.compactMap { assistantBlock($0) }
            }
            guard !blocks.isEmpty else { continue }
            if turns.last?.role == role {
                turns[turns.count - 1].blocks += blocks
            } else {
                turns.append((role, blocks))
            }
        }
        // A lookup goes back twenty blocks only: the mark before the last one bridges long replies.
        for index in turns.indices.filter({ turns[$0].role == "user" }).suffix(2) {
            let last = turns[index].blocks.count - 1
            turns[index].blocks[last]["cache_control"] = Self.cacheMark
        }
        return turns.map { ["role": .string($0.role), "content": .array($0.blocks)] }
    }

    private func userBlock(_ content: Content) -> JSONValue? {
        switch content {
        case .text(let part): part.text.isBlank ? JSONValue?.none : ["type": "text", "text": .string(part.text)]
        case .image(let image):
            [
                "type": "image",
                "source": ["type": "base64", "media_type": .string(image.mime), "data": .string(image.base64)],
            ]
        case .thinking, .toolCall: JSONValue?.none
        }
    }

    private func result(_ message: ToolResultMessage) -> JSONValue {
        let content = message.content.compactMap(userBlock)
        return .object([
            "type": "tool_result",
            "tool_use_id": .string(message.callID),
            "content": content.isEmpty ? JSONValue?.none : .array(content),
            "is_error": .bool(message.isError),
        ])
    }

    private func assistantBlock(_ content: Content) -> JSONValue? {
        switch content {
        case .text(let part): return part.text.isBlank ? JSONValue?.none : ["type": "text", "text": .string(part.text)]
        case .thinking(let part):
            if dropped.contains("signature") { return nil }
            if part.isRedacted { return ["type": "redacted_thinking", "data": .string(part.text)] }
            // Without its signature a thinking block is refused.
            guard let signature = part.signature else {
                return part.text.isBlank ? JSONValue?.none : ["type": "text", "text": .string(part.text)]
            }
            return ["type": "thinking", "thinking": .string(part.text), "signature": .string(signature)]
        case .toolCall(let call):
            let isObject = call.isComplete && call.arguments.objectValue != nil
            return [
                "type": "tool_use", "id": .string(call.id), "name": .string(call.name),
                "input": isObject ? call.arguments : [:],
            ]
        case .image: return nil
        }
    }
}

extension String {
    /// Nothing but white space.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
