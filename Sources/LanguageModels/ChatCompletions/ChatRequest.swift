import Domain
import OrderedCollections

/// Writes requests of the Chat Completions format.
struct ChatRequest {
    let config: ModelConfig
    let info: ModelInfo
    let dialect: ChatDialect
    /// Fields that the server has refused in this session.
    var dropped: Set<String> = []

    /// The whole body.
    ///
    /// A bare `nil` would be a JSON null here, hence the spelled-out type.
    func body(for request: ModelRequest) -> JSONValue {
        let limit = min(info.maxOutputTokens, 32000, request.maxOutputTokens ?? .max)
        let isLimited = !dropped.contains(dialect.maxField)
        var body: JSONValue = .object([
            "model": .string(info.id),
            "stream": true,
            "stream_options": dropped.contains("stream_options") ? JSONValue?.none : ["include_usage": true],
            "store": dialect.sendsStore && !dropped.contains("store") ? false : JSONValue?.none,
        ])
        if isLimited { body[dialect.maxField] = .int(limit) }
        if info.provider == .openrouter { body["usage"] = ["include": true] }
        addThinking(to: &body, request: request)
        if !request.tools.isEmpty { body["tools"] = .array(request.tools.map(tool)) }
        body["messages"] = .array(messages(request))
        return body
    }

    private func addThinking(to body: inout JSONValue, request: ModelRequest) {
        guard let level = request.thinkingLevel(configured: config.thinkingLevel), info.canReason,
            dropped.isDisjoint(with: ["reasoning", "effort", "thinking"])
        else { return }
        let effort = JSONValue.string(ChatDialect.effort(level, config: config))
        switch dialect.thinking {
        case .none: break
        case .effort: body["reasoning_effort"] = effort
        // Many models behind it refuse not to think.
        case .openrouter where request.isCompaction && config.thinkingLevel == nil: break
        case .openrouter: body["reasoning"] = ["effort": effort]
        case .qwen: body["enable_thinking"] = .bool(level != .off)
        case .template: body["chat_template_kwargs"] = ["enable_thinking": .bool(level != .off)]
        }
    }

    private func tool(_ tool: ToolDefinition) -> JSONValue {
        [
            "type": "function",
            "function": .object([
                "name": .string(tool.name), "description": .string(Self.description(of: tool)),
                "parameters": tool.schema,
                "strict": dialect.sendsStrict && !dropped.contains("strict") ? false : JSONValue?.none,
            ]),
        ]
    }

    /// OpenAI and Azure refuse a description of more than 1024 characters, as servers of tools have them.
    private static func description(of tool: ToolDefinition) -> String {
        guard tool.description.unicodeScalars.count > longestDescription else { return tool.description }
        return String(tool.description.unicodeScalars.prefix(longestDescription - 1)) + "…"
    }

    private static let longestDescription = 1024

    private func messages(_ request: ModelRequest) -> [JSONValue] {
        var messages: [JSONValue] = []
        if !request.system.isBlank {
            let isDeveloper = info.canReason && !dropped.contains("developer")
            messages.append([
                "role": .string(isDeveloper ? dialect.systemRole : "system"), "content": systemContent(request.system),
            ])
        }
        var adapter = HistoryAdapter(info: info, keepsOwnIDs: true)
        var images: [JSONValue] = []
        for message in adapter.adapt(request.messages) {
            if case .toolResult(let result) = message {
                messages.append(self.result(result))
                images += result.chatImages
                continue
            }
            // Results of one reply stand together; their images follow them.
            if !images.isEmpty { messages.append(["role": "user", "content": .array(images)]) }
            images = []
            switch message {
            case .user(let message):
                if let content = userContent(message.content) { messages.append(["role": "user", "content": content]) }
            case .assistant(let message):
                if let json = assistant(message) { messages.append(json) }
            case .toolResult: break
            }
        }
        if !images.isEmpty { messages.append(["role": "user", "content": .array(images)]) }
        if sendsCacheMarks { markTexts(of: &messages) }
        return messages
    }

    /// OpenRouter passes cache marks on to Anthropic models.
    private var sendsCacheMarks: Bool { info.provider == .openrouter && info.id.hasPrefix("anthropic/") }

    private func systemContent(_ text: String) -> JSONValue {
        sendsCacheMarks ? [Self.marked(["type": "text", "text": .string(text)])] : .string(text)
    }

    private static func marked(_ part: JSONValue) -> JSONValue {
        var part = part
        part["cache_control"] = ["type": "ephemeral"]
        return part
    }

    /// Marks the end of what is said to the model, and what the request before this one ended with.
    private func markTexts(of messages: inout [JSONValue]) {
        let isSaid = { (message: JSONValue) in message["role"] == "user" || message["role"] == "tool" }
        let reply = messages.lastIndex { $0["role"] == "assistant" } ?? 0
        let ends = [messages.lastIndex(where: isSaid), messages[..<reply].lastIndex(where: isSaid)]
        for index in Set(ends.compactMap { $0 }) { markLastText(of: &messages[index]) }
    }

    private func markLastText(of message: inout JSONValue) {
        guard let content = message["content"] else { return }
        var parts = content.arrayValue ?? [["type": "text", "text": content]]
        guard let text = parts.lastIndex(where: { $0["type"] == "text" && $0["text"] != "" }) else { return }
        parts[text] = Self.marked(parts[text])
        message["content"] = .array(parts)
    }

    private func userContent(_ content: [Content]) -> JSONValue? {
        let texts = content.texts.filter { !$0.isEmpty }
        let hasImages = content.contains { if case .image = $0 { true } else { false } }
        guard hasImages else { return texts.isEmpty ? JSONValue?.none : .string(texts.joined(separator: "\n")) }
        return .array(
            content.compactMap { part in
                switch part {
                case .text(let part):
                    part.text.isEmpty ? JSONValue?.none : ["type": "text", "text": .string(part.text)]
                case .image(let image): image.chatPart
                case .thinking, .toolCall: JSONValue?.none
                }
            }
        )
    }

    private func result(_ message: ToolResultMessage) -> JSONValue {
        [
            "role": "tool", "tool_call_id": .string(message.callID),
            "content": .string(message.content.texts.joined(separator: "\n")),
        ]
    }

    private func assistant(_ message: AssistantMessage) -> JSONValue? {
        let text = message.text
        let calls = message.chatCalls
        guard !text.isEmpty || !calls.isEmpty else { return nil }
        var json: JSONValue = ["role": "assistant", "content": text.isEmpty ? .null : .string(text)]
        addReasoning(of: message, to: &json)
        if !calls.isEmpty { json["tool_calls"] = .array(calls) }
        return json
    }

    private func addReasoning(of message: AssistantMessage, to json: inout JSONValue) {
        guard dropped.isDisjoint(with: ["reasoning", "signature"]) else { return }
        for case .thinking(let thinking) in message.content {
            guard let name = thinking.signature else { continue }
            if name == ChatReply.detailsField {
                // What we stored is what the server sent; unreadable text would be ours to lose.
                json[name] = try? JSONValue(parsing: thinking.text)
            } else if dialect.replaysReasoning {
                json[name] = .string((json[name]?.stringValue ?? "") + thinking.text)
            }
        }
    }
}
