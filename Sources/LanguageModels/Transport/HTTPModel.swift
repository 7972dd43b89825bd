/// A model behind HTTP.
struct HTTPModel<Format: WireFormat>: LanguageModel {
    let format: Format

    var info: ModelInfo { format.info }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        try await format.connection.repeatingWithoutRefusedFields(Format.optionalFields) { dropped in
            do {
                return try await format.connection.post(
                    format.exchange(for: request, without: dropped),
                    to: format.path,
                    headers: format.keyHeaders,
                    onEvent
                )
            } catch let error as ModelError {
                throw format.explained(error)
            }
        }
    }
}
