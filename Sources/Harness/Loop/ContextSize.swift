import Domain
import LanguageModels

/// Estimates how many tokens messages take.
enum ContextSize {
    static let imageTokens = 1200

    /// A quarter of the UTF-8 bytes, rounded up.
    static func tokens(_ text: String) -> Int { (text.utf8.count + 3) / 4 }

    static func tokens(_ message: Message) -> Int {
        switch message {
        case .user(let message): tokens(message.content)
        case .assistant(let message): tokens(message.content)
        case .toolResult(let message): tokens(message.content)
        }
    }

    /// Of a whole request.
    static func tokens(system: String, tools: [ToolDefinition], messages: [Message]) -> Int {
        tokens(system) + tools.reduce(0) { $0 + tokens($1.name + $1.description + $1.schema.compactText) }
            + messages.reduce(0) { $0 + tokens($1) }
    }

    private static func tokens(_ content: [Content]) -> Int {
        content.reduce(0) { sum, part in
            switch part {
            case .text(let part): sum + tokens(part.text)
            case .thinking(let part): sum + tokens(part.text)
            case .image: sum + imageTokens
            case .toolCall(let call): sum + tokens(call.name + call.arguments.compactText)
            }
        }
    }
}
