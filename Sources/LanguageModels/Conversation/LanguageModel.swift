package import Domain

/// A model that can be asked for the next reply of a conversation.
///
/// Implementations are safe to share; a conversation asks one request at a time. Cancelling the task closes the
/// connection.
package protocol LanguageModel: Sendable {
    /// What is known about the model that answers next: window, prices, capabilities.
    var info: ModelInfo { get }

    /// Asks for one reply and streams it. One attempt: retrying is the caller's business.
    ///
    /// - Parameters:
    ///   - request: the conversation so far.
    ///   - onEvent: called in order, while the reply arrives; deltas of a failed attempt are void.
    /// - Returns: the whole reply.
    /// - Throws: ``ModelError`` classified for retry, also of a cancelled request that costs something; ``ModelFallback`` of a
    ///   chain, or `CancellationError`.
    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage
}

/// One request to a model.
package struct ModelRequest: Hashable, Sendable {
    package var system: String
    package var messages: [Message]
    package var tools: [ToolDefinition]
    /// Output limit of this reply; `nil` = the model's own.
    package var maxOutputTokens: Int?
    /// A request of the harness for a summary of the conversation; the scripted model answers it apart from its script.
    package var isCompaction: Bool

    /// Collects the facts.
    package init(
        system: String,
        messages: [Message],
        tools: [ToolDefinition],
        maxOutputTokens: Int? = nil,
        isCompaction: Bool = false
    ) {
        self.system = system
        self.messages = messages
        self.tools = tools
        self.maxOutputTokens = maxOutputTokens
        self.isCompaction = isCompaction
    }

    /// How much the model is to think about this request where so much is configured.
    func thinkingLevel(configured: ThinkingLevel?) -> ThinkingLevel? {
        // A summary of the conversation needs no thinking, whatever the model does by itself.
        isCompaction ? .off : configured
    }
}

/// A tool as the model sees it.
package struct ToolDefinition: Hashable, Sendable {
    package var name: String
    package var description: String
    /// JSON schema: `type: object`, `properties`, `required`; nothing else.
    package var schema: JSONValue

    /// Collects the facts.
    package init(name: String, description: String, schema: JSONValue) {
        self.name = name
        self.description = description
        self.schema = schema
    }
}

/// A step of an arriving reply.
///
/// The number is the index of the content block.
package enum ModelEvent: Hashable, Sendable {
    case start
    case textDelta(Int, String)
    case thinkingDelta(Int, String)
    case toolCallStart(Int, id: String, name: String)
    case toolCallDelta(Int, String)
    case blockEnd(Int)
}

/// What is known about a model.
package struct ModelInfo: Hashable, Sendable {
    package var provider: ModelProvider
    package var id: String
    /// Tokens.
    package var contextWindow: Int
    /// Most output tokens of one reply.
    package var maxOutputTokens: Int
    package var acceptsImages: Bool
    package var canReason: Bool
    /// `nil`: unknown, so that costs are unknown too.
    package var price: ModelPrice?
    /// Prices of long prompts, where they differ.
    package var tiers: [PriceTier]

    /// Collects the facts.
    package init(
        provider: ModelProvider,
        id: String,
        contextWindow: Int,
        maxOutputTokens: Int,
        acceptsImages: Bool = false,
        canReason: Bool = false,
        price: ModelPrice? = nil,
        tiers: [PriceTier] = []
    ) {
        self.provider = provider
        self.id = id
        self.contextWindow = contextWindow
        self.maxOutputTokens = maxOutputTokens
        self.acceptsImages = acceptsImages
        self.canReason = canReason
        self.price = price
        self.tiers = tiers
    }

    /// Provider and id, as people write them.
    package var name: String { "\(provider.rawValue)/\(id)" }
}

/// A failed request, classified by what helps against it.
package struct ModelError: Error, Hashable, Sendable {
    /// What kind of failure it is.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case rateLimit, overloaded, quota, transient, overflow, auth, notFound, badRequest, filtered
        /// The scripted model's expectation was not met, or its script does not fit the run.
        case script
    }

    package var code: Code
    package var provider: ModelProvider
    package var model: String
    /// HTTP status, where there was an answer.
    package var status: Int?
    /// The provider's own code and message (at most 2 KiB), or what happened on the way.
    package var message: String
    /// How long the provider asked to wait.
    package var retryAfter: Duration?
    package var requestID: String?
    /// What the provider had counted when the stream broke or was cancelled: it is billed although no reply came.
    package var usage: TokenUsage?
    /// The field of the request that the provider calls wrong, as in `reasoning.effort`.
    package var parameter: String?

    /// Collects the facts.
    package init(
        code: Code,
        provider: ModelProvider,
        model: String,
        status: Int? = nil,
        message: String,
        retryAfter: Duration? = nil,
        requestID: String? = nil,
        usage: TokenUsage? = nil,
        parameter: String? = nil
    ) {
        self.code = code
        self.provider = provider
        self.model = model
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
        self.requestID = requestID
        self.usage = usage
        self.parameter = parameter
    }
}
