import Domain

extension ModelRequestCheck {
    /// A request of Mistral's Chat Completions.
    mutating func checkMistral(_ body: JSONValue, path: String, headers: [String: String]) {
        if path != "/v1/chat/completions" { problems.append("path: \(path)") }
        if headers["authorization"]?.hasPrefix("Bearer ") != true { problems.append("authorization is missing") }
        members(
            body,
            "body",
            required: ["model", "stream", "max_tokens", "messages"],
            optional: ["tools", "prompt_mode"]
        )
        expectText(body["model"], "model")
        expect(body["stream"], "stream", is: true)
        expectCount(body["max_tokens"], "max_tokens")
        if let mode = body["prompt_mode"] { expect(mode, "prompt_mode", is: "reasoning") }
        for (index, tool) in (body["tools"]?.arrayValue ?? []).enumerated() {
            members(tool, "tools[\(index)]", required: ["type", "function"])
            let function = tool["function"] ?? .null
            members(function, "tools[\(index)].function", required: ["name", "description", "parameters"])
            checkSchema(function["parameters"], "tools[\(index)].function.parameters")
        }
        var open: [String] = []
        var previous = ""
        for (index, message) in (body["messages"]?.arrayValue ?? []).enumerated() {
            let path = "messages[\(index)]"
            let role = message["role"]?.stringValue ?? ""
            if role != "tool", !open.isEmpty { problems.append("\(path): calls without results: \(open)") }
            if role == "user", previous == "tool" { problems.append("\(path): a user behind a tool") }
            checkMistralMessage(message, role, path, isFirst: index == 0, open: &open)
            previous = role
        }
        if !open.isEmpty { problems.append("calls without results: \(open)") }
    }

    private mutating func checkMistralMessage(
        _ message: JSONValue,
        _ role: String,
        _ path: String,
        isFirst: Bool,
        open: inout [String]
    ) {
        switch role {
        case "system":
            members(message, path, required: ["role", "content"])
            if !isFirst { problems.append("\(path): the system text comes first") }
        case "user":
            members(message, path, required: ["role", "content"])
            checkMistralParts(message["content"], "\(path).content", kinds: ["text", "image_url"])
        case "tool":
            members(message, path, required: ["role", "tool_call_id", "name", "content"])
            let id = message["tool_call_id"]?.stringValue ?? ""
            if open.first != id { problems.append("\(path): result of \(id) while \(open) are open") }
            open = Array(open.dropFirst())
        case "assistant":
            members(message, path, required: ["role", "content"], optional: ["tool_calls"])
            if message["content"]?.stringValue == nil {
                checkMistralParts(message["content"], "\(path).content", kinds: ["text", "thinking"])
            }
            for (number, call) in (message["tool_calls"]?.arrayValue ?? []).enumerated() {
                let id = call["id"]?.stringValue ?? ""
                if id.wholeMatch(of: /[A-Za-z0-9]{9}/) == nil { problems.append("\(path): id \(id) has another form") }
                expectArguments(call["function"]?["arguments"], "\(path).tool_calls[\(number)].arguments")
                open.append(id)
            }
        default: problems.append("\(path): unknown role \(role)")
        }
    }

    private mutating func checkMistralParts(_ json: JSONValue?, _ path: String, kinds: Set<String>) {
        let parts = json?.arrayValue ?? []
        if parts.isEmpty { problems.append("\(path): no content") }
        for (index, part) in parts.enumerated() {
            expect(part["type"], "\(path)[\(index)].type", in: kinds)
            switch part["type"]?.stringValue {
            case "text": expectText(part["text"], "\(path)[\(index)].text")
            case "image_url": expectImage(part["image_url"]?["url"], "\(path)[\(index)].image_url.url")
            default: expectText(part["thinking"]?[0]?["text"], "\(path)[\(index)].thinking[0].text")
            }
        }
    }
}
