/// What is said to the agent of a chat: by a person to the gateway, and by the gateway to the agent's container.
package enum ChatOrder: Hashable, Sendable {
    /// Answer this; never empty.
    case userMessage(String)
    /// End the answer that is under way.
    case cancel
    /// Forget the conversation; said by the gateway only.
    case clear
    /// The chat is over.
    case shutdown

    /// Reads a message; everything that is not exactly one is refused.
    package init(parsing text: String) throws(ChatMessageError) {
        let fields = try ChatFields(parsing: text)
        switch fields.type {
        case "user_message":
            try fields.require(only: ["text"])
            self = .userMessage(try fields.text("text"))
        case "cancel": self = .cancel
        case "clear": self = .clear
        case "shutdown": self = .shutdown
        default: throw .unknownType(fields.type)
        }
        if case .userMessage = self { return }
        try fields.require(only: [])
    }

    /// The message as it is sent.
    package var json: JSONValue {
        switch self {
        case .userMessage(let text): ["type": "user_message", "text": .string(text)]
        case .cancel: ["type": "cancel"]
        case .clear: ["type": "clear"]
        case .shutdown: ["type": "shutdown"]
        }
    }
}
