import Domain
import OrderedCollections

/// Writes requests of Google's `generateContent`.
struct GoogleRequest {
    let info: ModelInfo
    let thinkingLevel: ThinkingLevel?
    /// Fields that the server has refused in this session.
    var dropped: Set<String> = []

    /// Accepted in place of the signature of a call that another model made, or whose own is lost.
    static let foreignSignature: JSONValue = "skip_thought_signature_validator"

    /// The whole body.
    func body(for request: ModelRequest) -> JSONValue {
        let level = request.thinkingLevel(configured: thinkingLevel)
        let allowed = dropped.contains("thinking") ? nil : level
        let thinking = GoogleThinking(level: allowed, info: info, limit: request.maxOutputTokens)
        let tools = request.tools.map(tool)
        return .object([
            "systemInstruction": request.system.isBlank
                ? JSONValue?.none : ["parts": [["text": .string(request.system)]]],
            "tools": tools.isEmpty ? JSONValue?.none : [["functionDeclarations": .array(tools)]],
            "generationConfig": .object([
                "maxOutputTokens": .int(thinking.maxTokens), "thinkingConfig": thinking.config,
            ]),
            "contents": .array(contents(request.messages)),
        ])
    }

    private var isThirdGeneration: Bool { GoogleVersion(info.id) >= GoogleVersion(3) }

    private func tool(_ tool: ToolDefinition) -> JSONValue {
        [
            "name": .string(tool.name), "description": .string(tool.description),
            "parametersJsonSchema": tool.schema,
        ]
    }

    /// Turns with alternating roles; all results of one reply share a turn, images follow behind them.
    private func contents(_ history: [Message]) -> [JSONValue] {
        var adapter = HistoryAdapter(info: info, keepsOwnIDs: true)
        var turns: [(role: String, parts: [JSONValue])] = []
        var givenIDs: Set<String> = []
        var images: [JSONValue] = []
        func add(_ role: String, _ parts: [JSONValue]) {
            guard !parts.isEmpty else { return }
            if turns.last?.role == role {
                turns[turns.count - 1].parts += parts
            } else {
                turns.append((role, parts))
            }
        }
        for message in adapter.adapt(history) {
            if case .toolResult(let result) = message {
                add("user", [response(result, givesID: givenIDs.contains(result.callID))])
                images += imagesBehind(result)
                continue
            }
            add("user", images)
            images = []
            switch message {
            case .user(let message): add("user", message.content.compactMap(userPart))
            case .assistant(let message): add("model", parts(of: message, givenIDs: &givenIDs))
            case .toolResult: break
            }
        }
        add("user", images)
        return turns.map { ["role": .string($0.role), "parts": .array($0.parts)] }
    }

    private func userPart(_ content: Content) -> JSONValue? {
        switch content {
        case .text(let part): part.text.isEmpty ? JSONValue?.none : ["text": .string(part.text)]
        case .image(let image): Self.inline(image)
        case .thinking, .toolCall: JSONValue?.none
        }
    }

    private static func inline(_ image: ImageContent) -> JSONValue {
        ["inlineData": ["mimeType": .string(image.mime), "data": .string(image.base64)]]
    }

    private func parts(of message: AssistantMessage, givenIDs: inout Set<String>) -> [JSONValue] {
        let isOwn = message.provider == info.provider && message.model == info.id
        var parts: [JSONValue] = []
        var isFirstCall = true
        for content in message.content {
            switch content {
            case .text(let part):
                if let json = text(part.text, isThought: false, part.signature) { parts.append(json) }
            case .thinking(let part):
                if let json = text(part.text, isThought: true, part.signature) { parts.append(json) }
            case .toolCall(let call):
                let hasID = isOwn && !GoogleReply.isMadeUp(call.id, name: call.name)
                if hasID { givenIDs.insert(call.id) }
                parts.append(self.call(call, hasID: hasID, signature: signature(call, isOwn, isFirstCall)))
                isFirstCall = false
            case .image: break
            }
        }
        return parts
    }

    private func text(_ text: String, isThought: Bool, _ signature: String?) -> JSONValue? {
        let signature = dropped.contains("signature") ? nil : signature
        // A thought without its signature is of no use to the model.
        guard isThought ? signature != nil : !text.isEmpty || signature != nil else { return nil }
        return .object([
            "text": .string(text), "thought": isThought ? true : JSONValue?.none,
            "thoughtSignature": signature.map(JSONValue.string),
        ])
    }

    private func signature(_ call: ToolCall, _ isOwn: Bool, _ isFirst: Bool) -> JSONValue? {
        if isOwn, let signature = call.signature, !dropped.contains("signature") { return .string(signature) }
        return isFirst && isThirdGeneration ? Self.foreignSignature : nil
    }

    private func call(_ call: ToolCall, hasID: Bool, signature: JSONValue?) -> JSONValue {
        let isObject = call.isComplete && call.arguments.objectValue != nil
        return .object([
            "functionCall": .object([
                "id": hasID ? .string(call.id) : JSONValue?.none, "name": .string(call.name),
                "args": isObject ? call.arguments : [:],
            ]),
            "thoughtSignature": signature,
        ])
    }

    private func response(_ message: ToolResultMessage, givesID: Bool) -> JSONValue {
        let text = message.content.texts.joined(separator: "\n")
        let images = isThirdGeneration ? images(of: message) : []
        return [
            "functionResponse": .object([
                "id": givesID ? .string(message.callID) : JSONValue?.none, "name": .string(message.toolName),
                "response": [message.isError ? "error" : "output": .string(text)],
                "parts": images.isEmpty ? JSONValue?.none : .array(images),
            ])
        ]
    }

    /// Models before the third generation take no images inside a result.
    private func imagesBehind(_ message: ToolResultMessage) -> [JSONValue] {
        let images = isThirdGeneration ? [] : images(of: message)
        guard !images.isEmpty else { return [] }
        return [["text": .string("Image returned by \(message.toolName):")]] + images
    }

    private func images(of message: ToolResultMessage) -> [JSONValue] {
        message.content.compactMap { if case .image(let image) = $0 { Self.inline(image) } else { nil } }
    }
}
