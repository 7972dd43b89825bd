import Domain
import OrderedCollections

/// Strict rules for requests to models: members, types, roles in order, results for every call.
struct ModelRequestCheck {
    private(set) var problems: [String] = []

    /// A request of the Anthropic Messages API.
    mutating func checkAnthropic(_ body: JSONValue, path: String, headers: [String: String]) {
        if path != "/v1/messages" { problems.append("path: \(path)") }
        if headers["anthropic-version"] != "2023-06-01" { problems.append("anthropic-version is missing") }
        members(
            body,
            "body",
            required: ["model", "max_tokens", "messages", "stream"],
            optional: ["system", "tools", "thinking", "output_config"]
        )
        if (body["max_tokens"]?.intValue ?? 0) < 1 { problems.append("max_tokens: from 1") }
        for (index, tool) in (body["tools"]?.arrayValue ?? []).enumerated() {
            members(tool, "tools[\(index)]", required: ["name", "description", "input_schema"])
            checkSchema(tool["input_schema"], "tools[\(index)].input_schema")
        }
        let marks = body.compactText.components(of: "\"cache_control\"")
        if marks > 4 { problems.append("more than 4 cache marks") }
        checkAnthropicMessages(body["messages"]?.arrayValue ?? [])
    }

    private mutating func checkAnthropicMessages(_ messages: [JSONValue]) {
        var expectedRole = "user"
        var open: [String] = []
        for (index, message) in messages.enumerated() {
            let path = "messages[\(index)]"
            members(message, path, required: ["role", "content"])
            if message["role"]?.stringValue != expectedRole {
                problems.append("\(path): expected the role \(expectedRole)")
            }
            let blocks = message["content"]?.arrayValue ?? []
            if blocks.isEmpty { problems.append("\(path): no content") }
            if expectedRole == "user" {
                let results = blocks.filter { $0["type"] == "tool_result" }.compactMap {
                    $0["tool_use_id"]?.stringValue
                }
                if results != open { problems.append("\(path): results \(results) for calls \(open)") }
                let firstOther = blocks.firstIndex { $0["type"] != "tool_result" } ?? blocks.count
                if blocks[firstOther...].contains(where: { $0["type"] == "tool_result" }) {
                    problems.append("\(path): results come first")
                }
                open = []
            } else {
                open = blocks.filter { $0["type"] == "tool_use" }.compactMap { $0["id"]?.stringValue }
            }
            for (number, block) in blocks.enumerated() { checkAnthropicBlock(block, "\(path).content[\(number)]") }
            expectedRole = expectedRole == "user" ? "assistant" : "user"
        }
        if expectedRole == "user" { problems.append("the last message must be the user's") }
    }

    private mutating func checkAnthropicBlock(_ block: JSONValue, _ path: String) {
        switch block["type"]?.stringValue {
        case "text":
            members(block, path, required: ["type", "text"], optional: ["cache_control"])
            if block["text"]?.stringValue?.isEmpty != false { problems.append("\(path): empty text") }
        case "thinking": members(block, path, required: ["type", "thinking", "signature"])
        case "redacted_thinking": members(block, path, required: ["type", "data"])
        case "image": members(block, path, required: ["type", "source"], optional: ["cache_control"])
        case "tool_use":
            members(block, path, required: ["type", "id", "name", "input"])
            if block["input"]?.objectValue == nil { problems.append("\(path): input is no object") }
        case "tool_result":
            members(
                block,
                path,
                required: ["type", "tool_use_id"],
                optional: ["content", "is_error", "cache_control"]
            )
        default: problems.append("\(path): unknown type")
        }
    }

    /// A request of the Chat Completions format.
    mutating func checkChat(_ body: JSONValue, path: String, headers: [String: String]) {
        if path != "/v1/chat/completions" { problems.append("path: \(path)") }
        members(
            body,
            "body",
            required: ["model", "messages", "stream"],
            optional: [
                "stream_options", "store", "max_tokens", "max_completion_tokens", "usage", "tools", "reasoning_effort",
                "reasoning", "enable_thinking", "chat_template_kwargs",
            ]
        )
        for (index, tool) in (body["tools"]?.arrayValue ?? []).enumerated() {
            let path = "tools[\(index)]"
            members(tool, path, required: ["type", "function"])
            let function = tool["function"] ?? .null
            members(
                function,
                "\(path).function",
                required: ["name", "description", "parameters"],
                optional: ["strict"]
            )
            checkSchema(function["parameters"], "\(path).function.parameters")
        }
        var open: [String] = []
        for (index, message) in (body["messages"]?.arrayValue ?? []).enumerated() {
            checkChatMessage(message, "messages[\(index)]", isFirst: index == 0, open: &open)
        }
        if !open.isEmpty { problems.append("calls without results: \(open)") }
    }

    private mutating func checkChatMessage(_ message: JSONValue, _ path: String, isFirst: Bool, open: inout [String]) {
        let role = message["role"]?.stringValue ?? ""
        if role != "tool", !open.isEmpty { problems.append("\(path): calls without results: \(open)") }
        switch role {
        case "system", "developer":
            members(message, path, required: ["role", "content"])
            if !isFirst { problems.append("\(path): the system text comes first") }
        case "user": members(message, path, required: ["role", "content"])
        case "tool":
            members(message, path, required: ["role", "tool_call_id", "content"])
            let id = message["tool_call_id"]?.stringValue ?? ""
            if open.first != id { problems.append("\(path): result of \(id) while \(open) are open") }
            open = Array(open.dropFirst())
        case "assistant":
            members(
                message,
                path,
                required: ["role", "content"],
                optional: ["tool_calls", "reasoning_content", "reasoning", "reasoning_text", "reasoning_details"]
            )
            let calls = message["tool_calls"]?.arrayValue ?? []
            for (number, call) in calls.enumerated() { checkChatCall(call, "\(path).tool_calls[\(number)]") }
            open = calls.compactMap { $0["id"]?.stringValue }
        default: problems.append("\(path): unknown role \(role)")
        }
    }

    private mutating func checkChatCall(_ call: JSONValue, _ path: String) {
        members(call, path, required: ["id", "type", "function"])
        members(call["function"] ?? .null, "\(path).function", required: ["name", "arguments"])
        guard let text = call["function"]?["arguments"]?.stringValue else {
            problems.append("\(path): arguments are no text")
            return
        }
        // A text that does not parse is the mistake looked for; where it breaks does not matter.
        if (try? JSONValue(parsing: text))?.objectValue == nil { problems.append("\(path): arguments are no object") }
    }

    private mutating func checkSchema(_ schema: JSONValue?, _ path: String) {
        if schema?["type"] != "object" { problems.append("\(path): type must be object") }
    }

    private mutating func members(_ json: JSONValue, _ path: String, required: Set<String>, optional: Set<String> = [])
    {
        guard let object = json.objectValue else {
            problems.append("\(path): not an object")
            return
        }
        let keys = Set(object.keys)
        for (key, value) in object where value == .null && key != "content" {
            problems.append("\(path): \(key) is null")
        }
        for key in required.subtracting(keys).sorted() { problems.append("\(path): \(key) is missing") }
        for key in keys.subtracting(required).subtracting(optional).sorted() {
            problems.append("\(path): unknown \(key)")
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
