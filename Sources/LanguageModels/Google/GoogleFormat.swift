import Domain

/// Gemini models through Google's `streamGenerateContent`.
struct GoogleFormat: WireFormat {
    let connection: ModelConnection

    /// `signature` stands for thinking in the history, `image` for its pictures.
    static let optionalFields = ["signature", "thinking", "image"]

    var path: String { "/models/\(info.id):streamGenerateContent?alt=sse" }
    var keyHeaders: [(String, String)] { connection.key.map { [("x-goog-api-key", $0)] } ?? [] }
    // Short pages are what it gives where nothing is said.
    var list: (path: String, headers: [(String, String)]) { ("/models?pageSize=1000", []) }

    func exchange(for request: ModelRequest, without dropped: Set<String>) -> WireExchange<GoogleReply> {
        let writer = GoogleRequest(
            info: info(without: dropped),
            thinkingLevel: connection.config.thinkingLevel,
            dropped: dropped
        )
        return WireExchange(
            body: writer.body(for: request),
            assembler: GoogleReply(info: info, request: request, warn: connection.warn)
        )
    }
}
