import Domain

/// Claude models through the Anthropic Messages API.
struct AnthropicFormat: WireFormat {
    let connection: ModelConnection

    /// `signature` stands for thinking in the history, `image` for its pictures.
    static let optionalFields = ["signature", "thinking", "effort", "image"]

    init(_ connection: ModelConnection) {
        self.connection = connection
        let says = connection.config.authentication
        if says != .piAuth, connection.key != nil, isOAuth != (says == .oauthToken) {
            let kind = isOAuth ? "oauth_token" : "api_key"
            connection.warn(
                "authType is \(says.rawValue), but the key is an \(kind) by its beginning and is sent as such"
            )
        }
    }

    func exchange(for request: ModelRequest, without dropped: Set<String>) -> WireExchange<AnthropicReply> {
        let level = connection.config.thinkingLevel
        let writer = AnthropicRequest(info: info(without: dropped), thinkingLevel: level, dropped: dropped)
        return WireExchange(
            body: writer.body(for: request),
            headers: headers(needsInterleavedBeta: writer.thinking(for: request).needsInterleavedBeta),
            assembler: AnthropicReply(info: info, request: request, warn: connection.warn)
        )
    }

    func explained(_ error: ModelError) -> ModelError {
        guard isOAuth, [400, 401, 403].contains(error.status), error.code != .overflow else { return error }
        var explained = error
        explained.message +=
            "; this is a subscription token (oauth_token), which the provider may refuse here: use api_key"
        return explained
    }

    private var isOAuth: Bool {
        if connection.key?.hasPrefix("sk-ant-oat") == true { return true }
        if connection.key?.hasPrefix("sk-ant-api") == true { return false }
        return connection.config.authentication == .oauthToken
    }

    var path: String { "/v1/messages" }
    // Short pages are what it gives where nothing is said.
    var list: (path: String, headers: [(String, String)]) {
        ("/v1/models?limit=1000", headers(needsInterleavedBeta: false))
    }

    var keyHeaders: [(String, String)] {
        guard let key = connection.key else { return [] }
        guard isOAuth else { return [("x-api-key", key)] }
        return [("authorization", "Bearer \(key)"), ("anthropic-beta", "oauth-2025-04-20")]
    }

    private func headers(needsInterleavedBeta: Bool) -> [(String, String)] {
        let version = [("anthropic-version", "2023-06-01")]
        return needsInterleavedBeta ? version + [("anthropic-beta", "interleaved-thinking-2025-05-14")] : version
    }
}
