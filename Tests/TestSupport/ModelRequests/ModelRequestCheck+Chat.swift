import Domain

extension ModelRequestCheck {
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
        expectText(body["model"], "model")
        expect(body["stream"], "stream", is: true)
        if let options = body["stream_options"] { expect(options, "stream_options", is: ["include_usage": true]) }
        if let store = body["store"] { expect(store, "store", is: false) }
        for name in ["max_tokens", "max_completion_tokens"] {
            if let count = body[name] { expectCount(count, name) }
        }
        if body["max_tokens"] != nil, body["max_completion_tokens"] != nil {
            problems.append("two limits of the output")
        }
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
            expect(tool["type"], "\(path).type", is: "function")
            expectText(function["name"], "\(path).function.name")
            if let strict = function["strict"] { expect(strict, "\(path).function.strict", is: false) }
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
        case "user":
            members(message, path, required: ["role", "content"])
            if message["content"]?.stringValue == nil { checkChatParts(message["content"], "\(path).content") }
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
                optional: ["tool_calls", "reasoning_content", "reasoning", "reasoning_text", "reasoning_details"],
                nullable: ["content"]
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
        expect(call["type"], "\(path).type", is: "function")
        expectText(call["id"], "\(path).id")
        expectText(call["function"]?["name"], "\(path).function.name")
        expectArguments(call["function"]?["arguments"], "\(path).function.arguments")
    }

    private mutating func checkChatParts(_ json: JSONValue?, _ path: String) {
        let parts = json?.arrayValue ?? []
        if parts.isEmpty { problems.append("\(path): no content") }
        for (index, part) in parts.enumerated() {
            switch part["type"]?.stringValue {
            case "text":
                members(part, "\(path)[\(index)]", required: ["type", "text"], optional: ["cache_control"])
                expectText(part["text"], "\(path)[\(index)].text")
            case "image_url":
                members(part, "\(path)[\(index)]", required: ["type", "image_url"])
                expectImage(part["image_url"]?["url"], "\(path)[\(index)].image_url.url")
            default: problems.append("\(path)[\(index)]: unknown type")
            }
        }
    }
}
