import Domain
import OrderedCollections

/// Builds a reply out of the event stream of the Anthropic Messages API.
struct AnthropicReply: ReplyAssembler {
    private struct Block {
        enum Kind { case text, thinking, redacted, call, unknown }
        var kind: Kind
        var text = ""
        var signature = ""
        var id = ""
        var name = ""
        var isEnded = false
        /// Arguments that came whole with the start of the block.
        var input: JSONValue?
    }

    private let info: ModelInfo
    private let warn: @Sendable (String) -> Void
    /// Counts when the server counts nothing.
    private let promptEstimate: Int
    private var blocks: [Int: Block] = [:]
    private var counts: [String: Int] = [:]
    private var longCacheWrite = 0
    private var stopReason: String?
    /// What the provider says about its refusal.
    private var explanation: String?
    private var isEnded = false

    init(info: ModelInfo, request: ModelRequest, warn: @escaping @Sendable (String) -> Void = { _ in }) {
        self.info = info
        self.warn = warn
        promptEstimate = TokenEstimate.tokens(of: request)
    }

    mutating func take(_ event: ServerSentEvent, emit: (ModelEvent) -> Void) throws -> Bool {
        let json = try eventJSON(event)
        let index = json["index"]?.intValue ?? 0
        switch json["type"]?.stringValue {
        case "message_start": count(json["message"]?["usage"])
        case "content_block_start": start(json["content_block"] ?? .null, at: index, emit: emit)
        case "content_block_delta": add(json["delta"] ?? .null, at: index, emit: emit)
        case "content_block_stop":
            blocks[index]?.isEnded = true
            emit(.blockEnd(index))
        case "message_delta":
            count(json["usage"])
            stopReason = json["delta"]?["stop_reason"]?.stringValue ?? stopReason
            explanation = json["delta"]?["stop_details"]?["explanation"]?.stringValue ?? explanation
        case "message_stop": isEnded = true
        case "error": throw StreamFailure.reported(ProviderFailure(status: nil, body: event.data))
        default: break
        }
        return isEnded
    }

    mutating func finish(emit: (ModelEvent) -> Void) throws -> AssembledReply {
        guard isEnded else { throw StreamFailure.broken("the stream ended before the reply was complete") }
        var content: [Content] = []
        for (_, block) in blocks.sorted(by: { $0.key < $1.key }) {
            if let part = try part(block) { content.append(part) }
        }
        let stop = stop(content)
        if stop == .refusal, let explanation { content.append(.text(explanation)) }
        return AssembledReply(content: content, stop: stop, usage: usage ?? .estimate(prompt: promptEstimate, content))
    }

    var usage: TokenUsage? {
        guard !counts.isEmpty else { return nil }
        var usage = TokenUsage(
            input: counts["input_tokens"] ?? 0,
            output: counts["output_tokens"] ?? 0,
            cacheRead: counts["cache_read_input_tokens"] ?? 0,
            cacheWrite: counts["cache_creation_input_tokens"] ?? 0,
            turns: 1
        )
        usage.cost = info.cost(of: usage, longCacheWrite: longCacheWrite)
        return usage
    }

    /// Counts are cumulative; a field that is null or absent keeps its value.
    private mutating func count(_ usage: JSONValue?) {
        for (key, value) in usage?.objectValue ?? [:] {
            if value.intValue != nil { counts[key] = value.tokenCount }
        }
        longCacheWrite = usage?["cache_creation"]?["ephemeral_1h_input_tokens"]?.tokenCount ?? longCacheWrite
    }

    private mutating func start(_ json: JSONValue, at index: Int, emit: (ModelEvent) -> Void) {
        var block = Block(kind: .unknown)
        switch json["type"]?.stringValue {
        case "text": block = Block(kind: .text, text: json["text"]?.stringValue ?? "")
        case "thinking":
            block = Block(
                kind: .thinking,
                text: json["thinking"]?.stringValue ?? "",
                signature: json["signature"]?.stringValue ?? ""
            )
        case "redacted_thinking": block = Block(kind: .redacted, text: json["data"]?.stringValue ?? "")
        case "tool_use":
            block = Block(kind: .call, id: json["id"]?.stringValue ?? "", name: json["name"]?.stringValue ?? "")
            block.input = json["input"]
            emit(.toolCallStart(index, id: block.id, name: block.name))
        default: break
        }
        blocks[index] = block
    }

    private mutating func add(_ delta: JSONValue, at index: Int, emit: (ModelEvent) -> Void) {
        switch delta["type"]?.stringValue {
        case "text_delta":
            let text = delta["text"]?.stringValue ?? ""
            blocks[index, default: Block(kind: .text)].text += text
            emit(.textDelta(index, text))
        case "thinking_delta":
            let text = delta["thinking"]?.stringValue ?? ""
            blocks[index, default: Block(kind: .thinking)].text += text
            emit(.thinkingDelta(index, text))
        case "signature_delta":
            blocks[index]?.signature += delta["signature"]?.stringValue ?? ""
        case "input_json_delta":
            let text = delta["partial_json"]?.stringValue ?? ""
            blocks[index]?.text += text
            emit(.toolCallDelta(index, text))
        default: break
        }
    }

    private func part(_ block: Block) throws -> Content? {
        switch block.kind {
        case .text: return block.text.isEmpty ? nil : .text(block.text)
        case .thinking:
            let signature = block.signature.isEmpty ? nil : block.signature
            guard signature != nil || !block.text.isEmpty else { return nil }
            return .thinking(ThinkingContent(text: block.text, signature: signature))
        case .redacted: return .thinking(ThinkingContent(text: block.text, isRedacted: true))
        case .call: return .toolCall(call(block))
        case .unknown: return nil
        }
    }

    private func call(_ block: Block) -> ToolCall {
        guard !block.text.isEmpty else {
            return ToolCall(id: block.id, name: block.name, arguments: block.input ?? [:], isComplete: block.isEnded)
        }
        return ToolCall(id: block.id, name: block.name, argumentText: block.text, isEnded: block.isEnded)
    }

    private func stop(_ content: [Content]) -> StopReason {
        switch stopReason {
        case "end_turn", "stop_sequence", nil: return .stop
        case "tool_use": return .toolUse
        case "max_tokens": return .length
        case "pause_turn": return .pause
        case "refusal": return .refusal
        case "model_context_window_exceeded": return .contextFull
        case let other?:
            warn("unknown stop reason \(other.cut(toBytes: 100)) of the model, taken for the end of its reply")
            let hasCalls = content.contains { if case .toolCall = $0 { true } else { false } }
            return hasCalls ? .toolUse : .stop
        }
    }
}

extension ToolCall {
    /// A call from the text of its arguments; what is no complete JSON is kept as text and marked.
    init(id: String, name: String, argumentText: String, isEnded: Bool = true) {
        let text = argumentText.isBlank ? "{}" : argumentText
        do {
            self.init(id: id, name: name, arguments: try JSONValue(parsing: text), isComplete: isEnded)
        } catch {
            self.init(id: id, name: name, arguments: .string(argumentText), isComplete: false)
        }
    }
}
