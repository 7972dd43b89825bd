import Domain
import OrderedCollections

/// Builds a reply out of the chunks of the Chat Completions format.
struct ChatReply: ReplyAssembler {
    /// OpenRouter's opaque reasoning, returned unchanged.
    static let detailsField = "reasoning_details"
    private static let ordinaryEnds: Set = ["stop", "tool_calls", "function_call", "eos", "end_turn"]

    private enum Block {
        case text(String)
        case thinking(String, field: String)
        case call(PartialCall)
    }

    private struct PartialCall {
        var id: String
        var hasOwnID: Bool
        var name: String
        var arguments = ""
    }

    private let info: ModelInfo
    private let toolNames: Set<String>
    /// Counts when the server counts nothing.
    private let promptEstimate: Int
    private let random: @Sendable () -> UInt64
    private let warn: @Sendable (String) -> Void
    private var blocks: [Block] = []
    private var callPositions: [Int: Int] = [:]
    private var details: [JSONValue] = []
    private var refusal = ""
    private var finishReason: String?
    private var isDone = false
    private var reported: JSONValue?

    init(
        info: ModelInfo,
        request: ModelRequest,
        random: @escaping @Sendable () -> UInt64,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.info = info
        toolNames = Set(request.tools.map(\.name))
        promptEstimate = TokenEstimate.tokens(of: request)
        self.random = random
        self.warn = warn
    }

    mutating func take(_ event: ServerSentEvent, emit: (ModelEvent) -> Void) throws -> Bool {
        if event.data.withoutOuterSpace == "[DONE]" {
            isDone = true
            return true
        }
        let json = try eventJSON(event)
        if let error = json["error"], error != .null {
            throw StreamFailure.reported(ProviderFailure(status: nil, body: event.data))
        }
        let choice = json["choices"]?[0]
        for usage in [json["usage"], choice?["usage"], json["x_groq"]?["usage"]] {
            if let usage, usage.objectValue != nil { reported = usage }
        }
        guard let choice else { return false }
        // Some servers stream whole messages.
        if let delta = choice["delta"] ?? choice["message"] { take(delta: delta, emit: emit) }
        if let reason = choice["finish_reason"]?.stringValue, !reason.isEmpty { finishReason = reason }
        if finishReason == "error" {
            throw StreamFailure.broken("finish_reason error: the server broke the reply off without a reason")
        }
        return false
    }

    mutating func finish(emit: (ModelEvent) -> Void) throws -> AssembledReply {
        let hasCalls = !callPositions.isEmpty
        guard finishReason != nil || (isDone && hasCalls) else {
            throw StreamFailure.broken("the stream ended before the reply was complete")
        }
        if finishReason == "content_filter" {
            throw StreamFailure.filtered("content_filter: the provider withheld the reply")
        }
        if !blocks.isEmpty { emit(.blockEnd(blocks.count - 1)) }
        var content = blocks.compactMap(part)
        if !details.isEmpty {
            let text = JSONValue.array(details).compactText
            content.insert(
                .thinking(ThinkingContent(text: text, signature: Self.detailsField, isRedacted: true)),
                at: 0
            )
        }
        if !refusal.isEmpty { content.append(.text(refusal)) }
        let stop: StopReason
        switch finishReason {
        case "length", "model_length": stop = .length
        case let reason:
            if let reason, !Self.ordinaryEnds.contains(reason) {
                warn("unknown finish reason \(reason.cut(toBytes: 100)) of the model, taken for the end of its reply")
            }
            stop = hasCalls ? .toolUse : refusal.isEmpty ? .stop : .refusal
        }
        return AssembledReply(
            content: content,
            stop: stop,
            usage: usage ?? .estimate(prompt: promptEstimate, content)
        )
    }

    var usage: TokenUsage? {
        guard let reported else { return nil }
        let prompt = reported["prompt_tokens"]?.tokenCount ?? 0
        let details = reported["prompt_tokens_details"]
        let cached = details?["cached_tokens"]?.tokenCount ?? 0
        let written = details?["cache_write_tokens"]?.tokenCount ?? 0
        var output = reported["completion_tokens"]?.tokenCount ?? 0
        let reasoning = reported["completion_tokens_details"]?["reasoning_tokens"]?.tokenCount ?? 0
        // xAI counts reasoning beside the completion, the others inside it.
        if reasoning > 0, reported["total_tokens"]?.intValue == prompt + output + reasoning { output += reasoning }
        var usage = TokenUsage(
            input: max(0, prompt - cached - written),
            output: output,
            cacheRead: cached,
            cacheWrite: written,
            turns: 1
        )
        usage.cost = info.cost(of: usage)
        if info.provider == .openrouter, let cost = reported["cost"]?.doubleValue { usage.cost = cost }
        return usage
    }

    private mutating func take(delta: JSONValue, emit: (ModelEvent) -> Void) {
        for field in ["reasoning_content", "reasoning", "reasoning_text"] {
            guard let text = delta[field]?.stringValue, !text.isEmpty else { continue }
            addThinking(text, field: field, emit: emit)
            break
        }
        for piece in delta[Self.detailsField]?.arrayValue ?? [] { add(detail: piece) }
        if let text = delta["content"]?.stringValue, !text.isEmpty { addText(text, emit: emit) }
        for part in delta["content"]?.arrayValue ?? [] { add(part: part, emit: emit) }
        refusal += delta["refusal"]?.stringValue ?? ""
        for call in delta["tool_calls"]?.arrayValue ?? [] { add(call: call, emit: emit) }
    }

    /// A block comes in pieces of one kind and index; a signature covers the text of all of them.
    private mutating func add(detail piece: JSONValue) {
        let position = details.lastIndex { whole in
            let ids = Set([whole["id"]?.stringValue, piece["id"]?.stringValue].compactMap { $0 })
            return whole["type"] == piece["type"] && whole["index"] == piece["index"] && ids.count < 2
        }
        guard let position, piece["index"]?.intValue != nil else {
            details.append(piece)
            return
        }
        for (name, value) in piece.objectValue ?? [:] where value != .null {
            if ["text", "summary", "data"].contains(name), let more = value.stringValue {
                details[position][name] = .string((details[position][name]?.stringValue ?? "") + more)
            } else {
                details[position][name] = value
            }
        }
    }

    /// Mistral sends lists of parts once a model thinks.
    private mutating func add(part: JSONValue, emit: (ModelEvent) -> Void) {
        switch part["type"]?.stringValue {
        case "text":
            if let text = part["text"]?.stringValue, !text.isEmpty { addText(text, emit: emit) }
        case "thinking":
            let text = (part["thinking"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined()
            if !text.isEmpty { addThinking(text, field: "thinking", emit: emit) }
        default: break
        }
    }

    private mutating func addText(_ text: String, emit: (ModelEvent) -> Void) {
        if case .text(let before)? = blocks.last {
            blocks[blocks.count - 1] = .text(before + text)
        } else {
            append(.text(text), emit: emit)
        }
        emit(.textDelta(blocks.count - 1, text))
    }

    private mutating func addThinking(_ text: String, field: String, emit: (ModelEvent) -> Void) {
        if case .thinking(let before, field)? = blocks.last {
            blocks[blocks.count - 1] = .thinking(before + text, field: field)
        } else {
            append(.thinking(text, field: field), emit: emit)
        }
        emit(.thinkingDelta(blocks.count - 1, text))
    }

    private mutating func append(_ block: Block, emit: (ModelEvent) -> Void) {
        if !blocks.isEmpty { emit(.blockEnd(blocks.count - 1)) }
        blocks.append(block)
    }

    private mutating func add(call json: JSONValue, emit: (ModelEvent) -> Void) {
        let id = json["id"]?.stringValue ?? ""
        let name = json["function"]?["name"]?.stringValue ?? ""
        let index = json["index"]?.intValue ?? indexOfUnnumbered(id: id, name: name)
        let position: Int
        if let known = callPositions[index], !startsAnother(id: id, name: name, after: known) {
            position = known
            continueCall(at: position, id: id, name: name)
        } else {
            let made = String(UInt32(truncatingIfNeeded: random()), radix: 16)
            let callID = id.isEmpty ? "call_" + String(repeating: "0", count: 8 - made.count) + made : id
            append(.call(PartialCall(id: callID, hasOwnID: !id.isEmpty, name: name)), emit: emit)
            position = blocks.count - 1
            callPositions[index] = position
            emit(.toolCallStart(position, id: callID, name: name))
        }
        let arguments = json["function"]?["arguments"] ?? .null
        let text = arguments.objectValue != nil ? arguments.compactText : arguments.stringValue ?? ""
        guard case .call(var call) = blocks[position], !text.isEmpty else { return }
        call.arguments += text
        blocks[position] = .call(call)
        emit(.toolCallDelta(position, text))
    }

    /// Servers that number nothing: an id or a name begins a call, anything else continues the last one.
    private func indexOfUnnumbered(id: String, name: String) -> Int {
        let last = callPositions.max { $0.value < $1.value }?.key
        guard let last else { return 0 }
        return id.isEmpty && name.isEmpty
            ? last : last + (startsAnother(id: id, name: name, after: callPositions[last] ?? 0) ? 1 : 0)
    }

    /// Ollama numbers all its calls 0: another id, or a name after whole arguments, is another call.
    private func startsAnother(id: String, name: String, after position: Int) -> Bool {
        guard case .call(let call) = blocks[position] else { return true }
        if !id.isEmpty, call.hasOwnID { return id != call.id }
        guard !name.isEmpty, !call.arguments.isEmpty else { return false }
        return ToolCall(id: "", name: "", argumentText: call.arguments).isComplete
    }

    private mutating func continueCall(at position: Int, id: String, name: String) {
        guard case .call(var call) = blocks[position] else { return }
        if !id.isEmpty, !call.hasOwnID {
            call.id = id
            call.hasOwnID = true
        }
        // Some servers repeat the whole name, others send it in pieces.
        if !name.isEmpty, !toolNames.contains(call.name) { call.name += name }
        blocks[position] = .call(call)
    }

    private func part(_ block: Block) -> Content? {
        switch block {
        case .text(let text): .text(text)
        case .thinking(let text, let field): .thinking(ThinkingContent(text: text, signature: field))
        case .call(let call):
            .toolCall(ToolCall(id: call.id, name: call.name, argumentText: call.arguments))
        }
    }
}
