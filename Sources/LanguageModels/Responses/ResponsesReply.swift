import Domain
import OrderedCollections

/// Builds a reply out of the events of OpenAI's Responses format.
///
/// Deltas belong to the item at their `output_index`; what counts in the end is the item as it stands in
/// `response.output_item.done`.
struct ResponsesReply: ReplyAssembler {
    private struct Item {
        var json: JSONValue
        /// What the deltas brought: text, or arguments of a call.
        var text = ""
        var isDone = false
    }

    private let info: ModelInfo
    private let warn: @Sendable (String) -> Void
    /// Counts when the server counts nothing.
    private let promptEstimate: Int
    private var items: [Int: Item] = [:]
    private var reported: JSONValue?
    /// `completed` or `incomplete`, once the end has come.
    private var status: String?
    private var incompleteReason: String?

    init(info: ModelInfo, request: ModelRequest, warn: @escaping @Sendable (String) -> Void = { _ in }) {
        self.info = info
        self.warn = warn
        promptEstimate = TokenEstimate.tokens(of: request)
    }

    mutating func take(_ event: ServerSentEvent, emit: (ModelEvent) -> Void) throws -> Bool {
        if event.data.withoutOuterSpace == "[DONE]" { return status != nil }
        let json = try eventJSON(event)
        let index = json["output_index"]?.intValue ?? 0
        switch json["type"]?.stringValue {
        case "response.output_item.added": start(json["item"] ?? .null, at: index, emit: emit)
        case "response.output_item.done": end(json["item"] ?? .null, at: index, emit: emit)
        case "response.output_text.delta", "response.refusal.delta":
            add(json["delta"]?.stringValue ?? "", at: index)
            emit(.textDelta(index, json["delta"]?.stringValue ?? ""))
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
            add(json["delta"]?.stringValue ?? "", at: index)
            emit(.thinkingDelta(index, json["delta"]?.stringValue ?? ""))
        case "response.function_call_arguments.delta":
            add(json["delta"]?.stringValue ?? "", at: index)
            emit(.toolCallDelta(index, json["delta"]?.stringValue ?? ""))
        case "response.completed": close(json["response"] ?? .null, isIncomplete: false, emit: emit)
        case "response.incomplete": close(json["response"] ?? .null, isIncomplete: true, emit: emit)
        case "response.failed":
            reported = json["response"]?["usage"] ?? reported
            let error: JSONValue = ["error": json["response"]?["error"] ?? .null]
            throw StreamFailure.reported(ProviderFailure(status: nil, body: error.compactText))
        case "error": throw StreamFailure.reported(ProviderFailure(status: nil, body: event.data))
        default: break
        }
        return status != nil
    }

    mutating func finish(emit: (ModelEvent) -> Void) throws -> AssembledReply {
        guard let status else { throw StreamFailure.broken("the stream ended before the reply was complete") }
        if incompleteReason == "content_filter" {
            throw StreamFailure.filtered("content_filter: the provider withheld the reply")
        }
        let content = items.sorted { $0.key < $1.key }.flatMap { parts($0.value) }
        let hasCalls = content.contains { if case .toolCall = $0 { true } else { false } }
        let hasRefusal = items.values.contains { refusal($0.json) != nil }
        let stop: StopReason
        switch (status, incompleteReason) {
        case ("incomplete", "max_output_tokens"?): stop = .length
        case ("incomplete", let reason):
            warn("unknown reason \(reason ?? "(none)") of an incomplete reply, taken for the output limit")
            stop = .length
        default: stop = hasCalls ? .toolUse : hasRefusal ? .refusal : .stop
        }
        let usage = usage ?? .estimate(prompt: promptEstimate, content)
        return AssembledReply(content: content, stop: stop, usage: usage)
    }

    var usage: TokenUsage? {
        guard let reported, reported.objectValue != nil else { return nil }
        let details = reported["input_tokens_details"]
        let cached = details?["cached_tokens"]?.tokenCount ?? 0
        let written = details?["cache_write_tokens"]?.tokenCount ?? 0
        var usage = TokenUsage(
            input: max(0, (reported["input_tokens"]?.tokenCount ?? 0) - cached - written),
            output: reported["output_tokens"]?.tokenCount ?? 0,
            cacheRead: cached,
            cacheWrite: written,
            turns: 1
        )
        usage.cost = info.cost(of: usage)
        return usage
    }

    private mutating func start(_ json: JSONValue, at index: Int, emit: (ModelEvent) -> Void) {
        items[index] = Item(json: json)
        guard json["type"] == "function_call" else { return }
        let id = json["call_id"]?.stringValue ?? ""
        emit(.toolCallStart(index, id: id, name: json["name"]?.stringValue ?? ""))
    }

    private mutating func add(_ text: String, at index: Int) {
        items[index, default: Item(json: [:])].text += text
    }

    private mutating func end(_ json: JSONValue, at index: Int, emit: (ModelEvent) -> Void) {
        items[index, default: Item(json: json)].json = json
        items[index]?.isDone = true
        emit(.blockEnd(index))
    }

    private mutating func close(_ response: JSONValue, isIncomplete: Bool, emit: (ModelEvent) -> Void) {
        reported = response["usage"] ?? reported
        let isCut = isIncomplete || response["status"] == "incomplete"
        status = isCut ? "incomplete" : "completed"
        incompleteReason = response["incomplete_details"]?["reason"]?.stringValue
        // Some servers send the items only here.
        guard items.isEmpty else { return }
        for (index, item) in (response["output"]?.arrayValue ?? []).enumerated() {
            start(item, at: index, emit: emit)
            end(item, at: index, emit: emit)
        }
    }

    private func parts(_ item: Item) -> [Content] {
        switch item.json["type"]?.stringValue {
        case "reasoning": return [.thinking(thinking(item))]
        case "function_call": return [.toolCall(call(item))]
        case "message", nil: return text(item)
        default: return []
        }
    }

    /// The whole item is its own signature: it goes back as it came.
    private func thinking(_ item: Item) -> ThinkingContent {
        let parts = (item.json["summary"]?.arrayValue ?? []) + (item.json["content"]?.arrayValue ?? [])
        let text = parts.compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
        return ThinkingContent(
            text: text.isEmpty ? item.text : text,
            signature: item.isDone ? item.json.compactText : nil
        )
    }

    private func text(_ item: Item) -> [Content] {
        let parts = item.json["content"]?.arrayValue ?? []
        let whole = parts.compactMap { ($0["text"] ?? $0["refusal"])?.stringValue }.joined()
        let text = whole.isEmpty ? item.text : whole
        guard !text.isEmpty else { return [] }
        return [.text(TextContent(text: text, signature: item.isDone ? item.json["id"]?.stringValue : nil))]
    }

    private func call(_ item: Item) -> ToolCall {
        let whole = item.json["arguments"]?.stringValue ?? ""
        let isComplete = item.isDone && item.json["status"] != "incomplete" && item.json["status"] != "in_progress"
        var call = ToolCall(
            id: item.json["call_id"]?.stringValue ?? "",
            name: item.json["name"]?.stringValue ?? "",
            argumentText: whole.isEmpty ? item.text : whole,
            isEnded: isComplete
        )
        call.signature = item.json["id"]?.stringValue
        return call
    }

    private func refusal(_ json: JSONValue) -> String? {
        json["content"]?.arrayValue?.lazy.compactMap { $0["refusal"]?.stringValue }.first
    }
}
