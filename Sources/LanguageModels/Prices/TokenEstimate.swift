import Domain

/// Guesses at token counts for what no provider has counted: four bytes of UTF-8 are a token, an image is 1200.
package enum TokenEstimate {
    /// A text.
    package static func tokens(of text: String) -> Int { (text.utf8.count + 3) / 4 }

    /// A content part; a tool call counts its name and arguments.
    package static func tokens(of content: Content) -> Int {
        switch content {
        case .text(let part): tokens(of: part.text)
        case .thinking(let part): tokens(of: part.text)
        case .image: 1200
        case .toolCall(let call): tokens(of: call.name + call.arguments.compactText)
        }
    }

    /// A message.
    package static func tokens(of message: Message) -> Int {
        let content =
            switch message {
            case .user(let message): message.content
            case .assistant(let message): message.content
            case .toolResult(let message): message.content
            }
        return content.reduce(0) { $0 + tokens(of: $1) }
    }

    /// What stands above all messages: system text and tool schemas.
    package static func tokens(system: String, tools: [ToolDefinition]) -> Int {
        tokens(of: system) + tools.reduce(0) { $0 + tokens(of: $1.name + $1.description + $1.schema.compactText) }
    }

    /// A whole prompt: system text, tool schemas and messages.
    package static func tokens(of request: ModelRequest) -> Int {
        tokens(system: request.system, tools: request.tools) + request.messages.reduce(0) { $0 + tokens(of: $1) }
    }
}
