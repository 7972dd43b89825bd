import Domain

extension ModelRequestCheck {
    /// A request of OpenAI's Responses format.
    mutating func checkResponses(_ body: JSONValue, path: String, headers: [String: String]) {
        if path != "/v1/responses" { problems.append("path: \(path)") }
        if headers["authorization"]?.hasPrefix("Bearer ") != true { problems.append("authorization is missing") }
        members(
            body,
            "body",
            required: ["model", "stream", "store", "max_output_tokens", "input"],
            optional: ["prompt_cache_key", "parallel_tool_calls", "include", "reasoning", "tools"]
        )
        expectText(body["model"], "model")
        expect(body["stream"], "stream", is: true)
        expect(body["store"], "store", is: false)
        expectCount(body["max_output_tokens"], "max_output_tokens")
        if let include = body["include"] { expect(include, "include", is: ["reasoning.encrypted_content"]) }
        if let reasoning = body["reasoning"] {
            members(reasoning, "reasoning", required: ["effort", "summary"])
            expect(reasoning["effort"], "reasoning.effort", in: ["none", "minimal", "low", "medium", "high", "xhigh"])
            expect(reasoning["summary"], "reasoning.summary", is: "auto")
        }
        for (index, tool) in (body["tools"]?.arrayValue ?? []).enumerated() {
            let path = "tools[\(index)]"
            members(tool, path, required: ["type", "name", "description", "parameters", "strict"])
            expect(tool["type"], "\(path).type", is: "function")
            expectText(tool["name"], "\(path).name")
            expect(tool["strict"], "\(path).strict", is: false)
            checkSchema(tool["parameters"], "\(path).parameters")
        }
        checkResponsesItems(body["input"]?.arrayValue ?? [])
    }

    private mutating func checkResponsesItems(_ items: [JSONValue]) {
        if items.isEmpty { problems.append("input: empty") }
        var open: Set<String> = []
        for (index, item) in items.enumerated() {
            let path = "input[\(index)]"
            let isReasoning = index > 0 && items[index - 1]["type"] == "reasoning"
            if isReasoning, item["id"] == nil {
                problems.append("\(path): belongs to the reasoning before it, has no id")
            }
            switch item["type"]?.stringValue {
            case "reasoning":
                members(
                    item,
                    path,
                    required: ["type", "id", "summary"],
                    optional: ["encrypted_content", "content", "status"]
                )
                if index == items.count - 1 { problems.append("\(path): reasoning without what followed it") }
            case "message": checkResponsesReply(item, path)
            case "function_call":
                members(item, path, required: ["type", "call_id", "name", "arguments"], optional: ["id"])
                expectArguments(item["arguments"], "\(path).arguments")
                open.insert(item["call_id"]?.stringValue ?? "")
            case "function_call_output":
                members(item, path, required: ["type", "call_id", "output"])
                let id = item["call_id"]?.stringValue ?? ""
                if open.remove(id) == nil { problems.append("\(path): a result of \(id), which was not called") }
                if item["output"]?.stringValue == nil { checkResponsesParts(item["output"], "\(path).output") }
            case nil: checkResponsesTurn(item, path, isFirst: index == 0, open: open)
            default: problems.append("\(path): unknown type")
            }
        }
        if !open.isEmpty { problems.append("calls without results: \(open.sorted())") }
    }

    private mutating func checkResponsesReply(_ item: JSONValue, _ path: String) {
        members(item, path, required: ["type", "id", "role", "status", "content"])
        expect(item["role"], "\(path).role", is: "assistant")
        for (index, part) in (item["content"]?.arrayValue ?? []).enumerated() {
            members(part, "\(path).content[\(index)]", required: ["type", "text", "annotations"])
            expect(part["type"], "\(path).content[\(index)].type", is: "output_text")
        }
    }

    private mutating func checkResponsesTurn(_ item: JSONValue, _ path: String, isFirst: Bool, open: Set<String>) {
        members(item, path, required: ["role", "content"])
        switch item["role"]?.stringValue {
        case "system", "developer":
            if !isFirst { problems.append("\(path): the system text comes first") }
            expectText(item["content"], "\(path).content")
        case "user":
            if !open.isEmpty { problems.append("\(path): calls without results: \(open.sorted())") }
            checkResponsesParts(item["content"], "\(path).content")
        case "assistant": expectText(item["content"], "\(path).content")
        default: problems.append("\(path): unknown role")
        }
    }

    private mutating func checkResponsesParts(_ json: JSONValue?, _ path: String) {
        let parts = json?.arrayValue ?? []
        if parts.isEmpty { problems.append("\(path): no content") }
        for (index, part) in parts.enumerated() {
            switch part["type"]?.stringValue {
            case "input_text":
                members(part, "\(path)[\(index)]", required: ["type", "text"])
                expectText(part["text"], "\(path)[\(index)].text")
            case "input_image":
                members(part, "\(path)[\(index)]", required: ["type", "image_url", "detail"])
                expectImage(part["image_url"], "\(path)[\(index)].image_url")
            default: problems.append("\(path)[\(index)]: unknown type")
            }
        }
    }
}
