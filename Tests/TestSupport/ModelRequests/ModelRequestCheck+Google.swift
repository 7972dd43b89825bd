import Domain
import OrderedCollections

extension ModelRequestCheck {
    /// A request of Google's `streamGenerateContent`.
    mutating func checkGoogle(_ body: JSONValue, path: String, headers: [String: String]) {
        guard let match = path.wholeMatch(of: #//v1beta/models/([A-Za-z0-9.-]+):streamGenerateContent\?alt=sse/#) else {
            return problems.append("path: \(path)")
        }
        if headers["x-goog-api-key"]?.isEmpty != false { problems.append("x-goog-api-key is missing") }
        members(
            body,
            "body",
            required: ["generationConfig", "contents"],
            optional: ["systemInstruction", "tools"]
        )
        if let system = body["systemInstruction"] {
            members(system, "systemInstruction", required: ["parts"])
            expectText(system["parts"]?[0]?["text"], "systemInstruction.parts[0].text")
        }
        for (index, tool) in (body["tools"]?[0]?["functionDeclarations"]?.arrayValue ?? []).enumerated() {
            let path = "functionDeclarations[\(index)]"
            members(tool, path, required: ["name", "description", "parametersJsonSchema"])
            expectText(tool["name"], "\(path).name")
            checkSchema(tool["parametersJsonSchema"], "\(path).parametersJsonSchema")
        }
        checkGoogleSettings(body["generationConfig"] ?? .null)
        checkGoogleTurns(body["contents"]?.arrayValue ?? [], isThirdGeneration: match.1.hasPrefix("gemini-3"))
    }

    private mutating func checkGoogleSettings(_ settings: JSONValue) {
        members(settings, "generationConfig", required: ["maxOutputTokens"], optional: ["thinkingConfig"])
        expectCount(settings["maxOutputTokens"], "generationConfig.maxOutputTokens")
        guard let thinking = settings["thinkingConfig"] else { return }
        let path = "generationConfig.thinkingConfig"
        members(thinking, path, required: ["includeThoughts"], optional: ["thinkingBudget", "thinkingLevel"])
        if let level = thinking["thinkingLevel"] {
            expect(level, "\(path).thinkingLevel", in: ["MINIMAL", "LOW", "MEDIUM", "HIGH"])
        }
        if (thinking["thinkingLevel"] == nil) == (thinking["thinkingBudget"] == nil) {
            problems.append("\(path): a level or a budget")
        }
    }

    private mutating func checkGoogleTurns(_ turns: [JSONValue], isThirdGeneration: Bool) {
        if turns.isEmpty { problems.append("contents: empty") }
        var open: [String] = []
        for (index, turn) in turns.enumerated() {
            let path = "contents[\(index)]"
            members(turn, path, required: ["role", "parts"])
            expect(turn["role"], "\(path).role", is: index % 2 == 0 ? "user" : "model")
            let parts = turn["parts"]?.arrayValue ?? []
            if parts.isEmpty { problems.append("\(path): no parts") }
            for (number, part) in parts.enumerated() { checkGooglePart(part, "\(path).parts[\(number)]") }
            let calls = parts.filter { $0["functionCall"] != nil }
            let results = parts.compactMap { $0["functionResponse"]?["name"]?.stringValue }
            if results != open { problems.append("\(path): results \(results) for calls \(open)") }
            open = calls.compactMap { $0["functionCall"]?["name"]?.stringValue }
            if isThirdGeneration, let first = calls.first, first["thoughtSignature"] == nil {
                problems.append("\(path): the first call lacks its signature")
            }
        }
        if !open.isEmpty { problems.append("calls without results: \(open)") }
    }

    private mutating func checkGooglePart(_ part: JSONValue, _ path: String) {
        let kinds = ["text", "functionCall", "functionResponse", "inlineData"].filter { part[$0] != nil }
        if kinds.count != 1 { problems.append("\(path): expected one kind of content, found \(kinds)") }
        switch kinds.first {
        case "text": members(part, path, required: ["text"], optional: ["thought", "thoughtSignature"])
        case "functionCall":
            members(part, path, required: ["functionCall"], optional: ["thoughtSignature"])
            members(
                part["functionCall"] ?? .null,
                "\(path).functionCall",
                required: ["name", "args"],
                optional: ["id"]
            )
            if part["functionCall"]?["args"]?.objectValue == nil { problems.append("\(path): args are no object") }
        case "functionResponse":
            members(part, path, required: ["functionResponse"])
            let response = part["functionResponse"] ?? .null
            members(response, "\(path).functionResponse", required: ["name", "response"], optional: ["id", "parts"])
            if response["response"]?.objectValue?.keys.first.map({ ["output", "error"].contains($0) }) != true {
                problems.append("\(path): a response has an output or an error")
            }
        case "inlineData":
            members(part, path, required: ["inlineData"])
            members(part["inlineData"] ?? .null, "\(path).inlineData", required: ["mimeType", "data"])
        default: break
        }
    }
}
