import Domain
import OrderedCollections

/// Writes requests of Mistral's Chat Completions.
struct MistralRequest {
    let info: ModelInfo
    let thinkingLevel: ThinkingLevel?
    /// Fields that the server has refused in this session.
    var dropped: Set<String> = []

    /// The whole body.
    func body(for request: ModelRequest) -> JSONValue {
        let limit = min(info.maxOutputTokens, 32000, request.maxOutputTokens ?? .max)
        return .object([
            "model": .string(info.id),
            "stream": true,
            "max_tokens": dropped.contains("max_tokens") ? JSONValue?.none : .int(limit),
            "prompt_mode": reasons(request) ? "reasoning" : JSONValue?.none,
            "tools": request.tools.isEmpty ? JSONValue?.none : .array(request.tools.map(tool)),
            "messages": .array(messages(request)),
        ])
    }

    private func reasons(_ request: ModelRequest) -> Bool {
        guard let level = request.thinkingLevel(configured: thinkingLevel), level != .off, info.canReason else {
            return false
        }
        return dropped.isDisjoint(with: ["prompt_mode", "reasoning"])
    }

    private func tool(_ tool: ToolDefinition) -> JSONValue {
        [
            "type": "function",
            "function": [
                "name": .string(tool.name), "description": .string(tool.description), "parameters": tool.schema,
            ],
        ]
    }

    private func messages(_ request: ModelRequest) -> [JSONValue] {
        var messages: [JSONValue] = []
        if !request.system.isBlank { messages.append(["role": "system", "content": .string(request.system)]) }
        var adapter = HistoryAdapter(info: info, callID: Self.callID)
        var images: [JSONValue] = []
        for message in adapter.adapt(request.messages) {
            if case .toolResult(let result) = message {
                messages.append(self.result(result))
                images += result.chatImages
                continue
            }
            addUser(images, to: &messages)
            images = []
            switch message {
            case .user(let message): addUser(message.content.compactMap(userPart), to: &messages)
            case .assistant(let message):
                if let json = assistant(message) { messages.append(json) }
            case .toolResult: break
            }
        }
        addUser(images, to: &messages)
        return messages
    }

    private func addUser(_ parts: [JSONValue], to messages: inout [JSONValue]) {
        guard !parts.isEmpty else { return }
        // A user may not speak right behind a tool.
        if messages.last?["role"] == "tool" {
            messages.append(["role": "assistant", "content": "I have the results."])
        }
        messages.append(["role": "user", "content": .array(parts)])
    }

    private func userPart(_ content: Content) -> JSONValue? {
        switch content {
        case .text(let part): part.text.isEmpty ? JSONValue?.none : Self.text(part.text)
        case .image(let image): image.chatPart
        case .thinking, .toolCall: JSONValue?.none
        }
    }

    private static func text(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }

    private func result(_ message: ToolResultMessage) -> JSONValue {
        [
            "role": "tool", "tool_call_id": .string(message.callID), "name": .string(message.toolName),
            "content": .string(message.content.texts.joined(separator: "\n")),
        ]
    }

    private func assistant(_ message: AssistantMessage) -> JSONValue? {
        let thinks = message.content.contains { if case .thinking = $0 { true } else { false } }
        let calls = message.chatCalls
        let content =
            thinks && !dropped.contains("thinking")
            ? JSONValue.array(message.content.compactMap(replyPart)) : .string(message.text)
        guard !message.text.isEmpty || !calls.isEmpty else { return nil }
        return .object([
            "role": "assistant", "content": content, "tool_calls": calls.isEmpty ? JSONValue?.none : .array(calls),
        ])
    }

    private func replyPart(_ content: Content) -> JSONValue? {
        switch content {
        case .text(let part): part.text.isEmpty ? JSONValue?.none : Self.text(part.text)
        case .thinking(let part): ["type": "thinking", "thinking": [Self.text(part.text)]]
        case .image, .toolCall: JSONValue?.none
        }
    }

    /// Ids are exactly nine letters and digits; others are hashed, the same to the same.
    static func callID(_ id: String) -> String {
        let isFit = id.utf8.count == 9 && id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard !isFit else { return id }
        // FNV-1a: the same on every machine and in every run.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 36)
        return String((String(repeating: "0", count: 9) + digits).suffix(9))
    }
}
