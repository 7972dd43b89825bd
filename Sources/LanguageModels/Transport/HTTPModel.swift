import Domain

/// A model behind HTTP.
struct HTTPModel<Format: WireFormat>: LanguageModel {
    let format: Format

    var info: ModelInfo { format.info }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        func body(_ dropped: Set<String>) -> JSONValue { format.exchange(for: request, without: dropped).body }
        return try await format.connection.repeatingWithoutRefusedFields(
            Format.optionalFields,
            isSummary: request.isCompaction,
            isSent: { body($1.union([$0])) != body($1) }
        ) { dropped in
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
