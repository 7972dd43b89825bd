import Domain

// What all servers of Chat Completions want written alike.

extension ImageContent {
    var chatPart: JSONValue { ["type": "image_url", "image_url": ["url": .string(dataURL)]] }
}

extension ToolResultMessage {
    /// The images behind a line that says whose they are; results have only text, so the user shows them.
    var chatImages: [JSONValue] {
        let images = content.compactMap { if case .image(let image) = $0 { image.chatPart } else { nil } }
        guard !images.isEmpty else { return [] }
        return [["type": "text", "text": .string("Image returned by \(toolName):")]] + images
    }
}

extension AssistantMessage {
    /// The calls; arguments that are no whole object are written as an empty one.
    var chatCalls: [JSONValue] {
        toolCalls.map { call in
            let isObject = call.isComplete && call.arguments.objectValue != nil
            return [
                "id": .string(call.id), "type": "function",
                "function": [
                    "name": .string(call.name), "arguments": .string(isObject ? call.arguments.compactText : "{}"),
                ],
            ]
        }
    }
}
