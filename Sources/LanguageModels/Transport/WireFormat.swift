import Domain

/// How requests of one family of providers are written and their replies read.
protocol WireFormat: Sendable {
    associatedtype Assembler: ReplyAssembler

    /// Fields to leave out when the server refuses them, as its messages name them.
    static var optionalFields: [String] { get }

    /// The model's connection, which knows its configuration.
    var connection: ModelConnection { get }

    /// Writes a request without the fields that were refused.
    func exchange(for request: ModelRequest, without dropped: Set<String>) -> WireExchange<Assembler>

    /// Adds what people should know about a failure.
    func explained(_ error: ModelError) -> ModelError
}

extension WireFormat {
    var info: ModelInfo { connection.info }

    func explained(_ error: ModelError) -> ModelError { error }
}

/// A request on its way, and what will read the answer.
struct WireExchange<Assembler: ReplyAssembler> {
    var body: JSONValue
    /// Behind the base URL.
    var path: String
    var headers: [(String, String)]
    var assembler: Assembler
}

/// A model behind HTTP.
struct HTTPModel<Format: WireFormat>: LanguageModel {
    let format: Format

    var info: ModelInfo { format.info }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        try await format.connection.repeatingWithoutRefusedFields(Format.optionalFields) { dropped in
            do {
                return try await format.connection.post(format.exchange(for: request, without: dropped), onEvent)
            } catch let error as ModelError {
                throw format.explained(error)
            }
        }
    }
}
