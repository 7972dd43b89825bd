import Domain

extension ModelRequestCheck {
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
        expectText(body["model"], "model")
        expectCount(body["max_tokens"], "max_tokens")
        expect(body["stream"], "stream", is: true)
        for (index, block) in (body["system"]?.arrayValue ?? []).enumerated() {
            checkAnthropicBlock(block, "system[\(index)]")
        }
        if let thinking = body["thinking"] { checkAnthropicThinking(thinking, body) }
        for (index, tool) in (body["tools"]?.arrayValue ?? []).enumerated() {
            members(tool, "tools[\(index)]", required: ["name", "description", "input_schema"])
            expectText(tool["name"], "tools[\(index)].name")
            expectText(tool["description"], "tools[\(index)].description")
            checkSchema(tool["input_schema"], "tools[\(index)].input_schema")
        }
        let marks = body.compactText.split(separator: "\"cache_control\"", omittingEmptySubsequences: false).count - 1
        if marks > 4 { problems.append("more than 4 cache marks") }
        checkAnthropicMessages(body["messages"]?.arrayValue ?? [])
    }

    private mutating func checkAnthropicThinking(_ thinking: JSONValue, _ body: JSONValue) {
        expect(thinking["type"], "thinking.type", in: ["enabled", "adaptive", "disabled"])
        switch thinking["type"]?.stringValue {
        case "enabled":
            members(thinking, "thinking", required: ["type", "budget_tokens"])
            let budget = thinking["budget_tokens"]?.intValue ?? 0
            if budget < 1024 { problems.append("thinking.budget_tokens: from 1024") }
            if budget >= body["max_tokens"]?.intValue ?? 0 {
                problems.append("thinking.budget_tokens: below max_tokens")
            }
        case "adaptive": members(thinking, "thinking", required: ["type"], optional: ["display"])
        default: members(thinking, "thinking", required: ["type"])
        }
        guard let effort = body["output_config"] else { return }
        members(effort, "output_config", required: ["effort"])
        expect(effort["effort"], "output_config.effort", in: ["low", "medium", "high", "xhigh", "max"])
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
        if let mark = block["cache_control"] { expect(mark, "\(path).cache_control", is: ["type": "ephemeral"]) }
        switch block["type"]?.stringValue {
        case "text":
            members(block, path, required: ["type", "text"], optional: ["cache_control"])
            if block["text"]?.stringValue?.isEmpty != false { problems.append("\(path): empty text") }
        case "thinking": members(block, path, required: ["type", "thinking", "signature"])
        case "redacted_thinking": members(block, path, required: ["type", "data"])
        case "image":
            members(block, path, required: ["type", "source"], optional: ["cache_control"])
            members(block["source"] ?? .null, "\(path).source", required: ["type", "media_type", "data"])
            expect(block["source"]?["type"], "\(path).source.type", is: "base64")
            expectText(block["source"]?["data"], "\(path).source.data")
        case "tool_use":
            members(block, path, required: ["type", "id", "name", "input"])
            if block["input"]?.objectValue == nil { problems.append("\(path): input is no object") }
            if block["id"]?.stringValue?.wholeMatch(of: /[A-Za-z0-9_-]{1,64}/) == nil {
                problems.append("\(path): id has another form")
            }
        case "tool_result":
            members(
                block,
                path,
                required: ["type", "tool_use_id"],
                optional: ["content", "is_error", "cache_control"]
            )
            for (index, part) in (block["content"]?.arrayValue ?? []).enumerated() {
                checkAnthropicBlock(part, "\(path).content[\(index)]")
            }
        default: problems.append("\(path): unknown type")
        }
    }
}
