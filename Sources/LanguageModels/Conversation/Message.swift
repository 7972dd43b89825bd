package import Domain

/// One entry of a conversation with a model.
package enum Message: Hashable, Sendable {
    case user(UserMessage)
    case assistant(AssistantMessage)
    case toolResult(ToolResultMessage)
}

/// What the program says to the model.
package struct UserMessage: Hashable, Sendable {
    package var content: [Content]
    /// Milliseconds since 1970.
    package var timestamp: Int

    /// Collects the facts.
    package init(_ content: [Content], timestamp: Int) {
        self.content = content
        self.timestamp = timestamp
    }
}

/// A whole reply of the model.
///
/// A reply that was cut short by an error is never represented.
package struct AssistantMessage: Hashable, Sendable {
    package var content: [Content]
    package var provider: ModelProvider
    package var model: String
    /// Of this reply alone (`turns` is 1).
    package var usage: TokenUsage
    package var stop: StopReason
    /// Milliseconds since 1970.
    package var timestamp: Int

    /// Collects the facts.
    package init(
        content: [Content],
        provider: ModelProvider,
        model: String,
        usage: TokenUsage,
        stop: StopReason,
        timestamp: Int
    ) {
        self.content = content
        self.provider = provider
        self.model = model
        self.usage = usage
        self.stop = stop
        self.timestamp = timestamp
    }

    /// All text parts joined.
    package var text: String { content.texts.joined() }

    /// The calls in order.
    package var toolCalls: [ToolCall] {
        content.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
    }
}

/// The answer to one tool call.
package struct ToolResultMessage: Hashable, Sendable {
    package var callID: String
    package var toolName: String
    package var content: [Content]
    package var isError: Bool
    /// Milliseconds since 1970.
    package var timestamp: Int

    /// Collects the facts.
    package init(callID: String, toolName: String, content: [Content], isError: Bool, timestamp: Int) {
        self.callID = callID
        self.toolName = toolName
        self.content = content
        self.isError = isError
        self.timestamp = timestamp
    }
}

/// A part of a message.
package enum Content: Hashable, Sendable {
    case text(TextContent)
    case thinking(ThinkingContent)
    case image(ImageContent)
    case toolCall(ToolCall)

    /// A text part without signature.
    package static func text(_ text: String) -> Content { .text(TextContent(text: text)) }
}

extension [Content] {
    /// The texts among the parts.
    package var texts: [String] { compactMap { if case .text(let part) = $0 { part.text } else { nil } } }
}

/// Plain text.
///
/// A signature is opaque and goes back only to the model it came from.
package struct TextContent: Hashable, Sendable {
    package var text: String
    package var signature: String?

    /// Collects both.
    package init(text: String, signature: String? = nil) {
        self.text = text
        self.signature = signature
    }
}

/// The model's reasoning.
///
/// With `isRedacted` the text is the provider's opaque data.
package struct ThinkingContent: Hashable, Sendable {
    package var text: String
    package var signature: String?
    package var isRedacted: Bool

    /// Collects the facts.
    package init(text: String, signature: String? = nil, isRedacted: Bool = false) {
        self.text = text
        self.signature = signature
        self.isRedacted = isRedacted
    }
}

/// A picture.
package struct ImageContent: Hashable, Sendable {
    package var mime: String
    package var base64: String

    /// Collects both.
    package init(mime: String, base64: String) {
        self.mime = mime
        self.base64 = base64
    }

    /// The picture as a URL.
    var dataURL: String { "data:\(mime);base64,\(base64)" }
}

/// The model asks for a tool.
package struct ToolCall: Hashable, Sendable {
    package var id: String
    package var name: String
    /// The arguments as they came; complete JSON unless `isComplete` is false.
    package var arguments: JSONValue
    /// The block ended with valid JSON.
    ///
    /// A call cut off by the output limit is incomplete and never runs.
    package var isComplete: Bool
    package var signature: String?

    /// Collects the facts.
    package init(id: String, name: String, arguments: JSONValue, isComplete: Bool = true, signature: String? = nil) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.isComplete = isComplete
        self.signature = signature
    }
}

/// Why a reply ended.
package enum StopReason: String, Hashable, Sendable {
    case stop, toolUse, length, pause, refusal, contextFull
}
