import Domain
import OrderedCollections

/// Builds a reply out of the chunks of Google's `streamGenerateContent`.
struct GoogleReply: ReplyAssembler {
    private let info: ModelInfo
    private let warn: @Sendable (String) -> Void
    /// Counts when the server counts nothing.
    private let promptEstimate: Int
    private var blocks: [Content] = []
    private var calls = 0
    private var finishReason: String?
    private var blockReason: String?
    private var reported: JSONValue?

    init(info: ModelInfo, request: ModelRequest, warn: @escaping @Sendable (String) -> Void = { _ in }) {
        self.info = info
        self.warn = warn
        promptEstimate = TokenEstimate.tokens(of: request)
    }

    /// Whether an id stands for one that the model did not give.
    static func isMadeUp(_ id: String, name: String) -> Bool {
        guard id.hasPrefix(name + "_") else { return false }
        return id.dropFirst(name.count + 1).allSatisfy { $0.isNumber || $0 == "_" }
    }

    /// There is no end marker: the stream goes on until the server closes it.
    mutating func take(_ event: ServerSentEvent, emit: (ModelEvent) -> Void) throws -> Bool {
        let json = try eventJSON(event)
        if let error = (json[0] ?? json)["error"], error != .null {
            throw StreamFailure.reported(ProviderFailure(status: nil, body: event.data))
        }
        if let usage = json["usageMetadata"], usage.objectValue != nil { reported = usage }
        blockReason = json["promptFeedback"]?["blockReason"]?.stringValue ?? blockReason
        let candidate = json["candidates"]?[0]
        for part in candidate?["content"]?["parts"]?.arrayValue ?? [] { add(part, emit: emit) }
        finishReason = candidate?["finishReason"]?.stringValue ?? finishReason
        return false
    }

    mutating func finish(emit: (ModelEvent) -> Void) throws -> AssembledReply {
        if let blockReason { throw StreamFailure.filtered("\(blockReason): the provider refused the prompt") }
        guard let finishReason else {
            throw StreamFailure.broken("the stream ended before the reply was complete")
        }
        if !blocks.isEmpty { emit(.blockEnd(blocks.count - 1)) }
        let stop = try stop(finishReason)
        let usage = usage ?? .estimate(prompt: promptEstimate, blocks)
        return AssembledReply(content: blocks, stop: stop, usage: usage)
    }

    var usage: TokenUsage? {
        guard let reported else { return nil }
        let cached = reported["cachedContentTokenCount"]?.tokenCount ?? 0
        let prompt =
            (reported["promptTokenCount"]?.tokenCount ?? 0) + (reported["toolUsePromptTokenCount"]?.tokenCount ?? 0)
        let output =
            (reported["candidatesTokenCount"]?.tokenCount ?? 0) + (reported["thoughtsTokenCount"]?.tokenCount ?? 0)
        var usage = TokenUsage(input: max(0, prompt - cached), output: output, cacheRead: cached, turns: 1)
        usage.cost = info.cost(of: usage)
        return usage
    }

    private func stop(_ reason: String) throws -> StopReason {
        switch reason {
        case "STOP": return calls > 0 ? .toolUse : .stop
        case "MAX_TOKENS": return .length
        case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS":
            throw StreamFailure.broken("\(reason): the model's call of a tool was no call")
        case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "OTHER",
            _ where reason.hasPrefix("IMAGE_"):
            throw StreamFailure.filtered("\(reason): the provider withheld the reply")
        default:
            warn("unknown stop reason \(reason.cut(toBytes: 100)) of the model, taken for the end of its reply")
            return calls > 0 ? .toolUse : .stop
        }
    }

    private mutating func add(_ part: JSONValue, emit: (ModelEvent) -> Void) {
        let signature = part["thoughtSignature"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        if let call = part["functionCall"] {
            add(call: call, signature, emit: emit)
        } else if let text = part["text"]?.stringValue {
            add(text, isThought: part["thought"]?.boolValue == true, signature, emit: emit)
        }
    }

    private mutating func add(
        _ text: String,
        isThought: Bool,
        _ signature: String?,
        emit: (ModelEvent) -> Void
    ) {
        guard !text.isEmpty || signature != nil else { return }
        switch blocks.last {
        case .text(let before)? where !isThought:
            blocks[blocks.count - 1] = .text(
                TextContent(text: before.text + text, signature: signature ?? before.signature)
            )
        case .thinking(let before)? where isThought:
            blocks[blocks.count - 1] = .thinking(
                ThinkingContent(text: before.text + text, signature: signature ?? before.signature)
            )
        default:
            append(
                isThought
                    ? .thinking(ThinkingContent(text: text, signature: signature))
                    : .text(TextContent(text: text, signature: signature)),
                emit: emit
            )
        }
        guard !text.isEmpty else { return }
        emit(isThought ? .thinkingDelta(blocks.count - 1, text) : .textDelta(blocks.count - 1, text))
    }

    /// Calls come whole.
    private mutating func add(call json: JSONValue, _ signature: String?, emit: (ModelEvent) -> Void) {
        calls += 1
        let name = json["name"]?.stringValue ?? ""
        let given = json["id"]?.stringValue ?? ""
        let id = given.isEmpty ? "\(HistoryAdapter.plainName(name))_\(calls)" : given
        let arguments = json["args"] ?? [:]
        append(
            .toolCall(ToolCall(id: id, name: name, arguments: arguments, signature: signature)),
            emit: emit
        )
        emit(.toolCallStart(blocks.count - 1, id: id, name: name))
        emit(.toolCallDelta(blocks.count - 1, arguments.compactText))
    }

    private mutating func append(_ block: Content, emit: (ModelEvent) -> Void) {
        if !blocks.isEmpty { emit(.blockEnd(blocks.count - 1)) }
        blocks.append(block)
    }
}
