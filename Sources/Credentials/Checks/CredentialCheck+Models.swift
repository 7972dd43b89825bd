extension CredentialCheck {
    /// A key in field `token` with which a provider of models answers a question that costs nothing.
    static func modelList(_ provider: String, _ url: String, prefix: String = "") -> CredentialCheck {
        CredentialCheck(
            rule: { (fields: Fields) in
                (fields["token"] ?? "").hasPrefix(prefix) ? nil : "a key of \(provider) begins with \(prefix)"
            },
            inquiry: { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
                let request = ProviderRequest(url: url, headers: bearer(fields["token"]))
                _ = try await client.accepted(request, from: provider)
                return CheckNotes()
            }
        )
    }

    /// What an Anthropic token contains that came from a login instead of the console.
    package static let anthropicOAuthMark = "sk-ant-oat"

    /// OAuth tokens are checked by the first run: there is no question that costs nothing.
    static let anthropic = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let token = fields["token"] ?? ""
        guard !token.contains(anthropicOAuthMark) else {
            return CheckNotes(facts: "an OAuth token; the first run checks it")
        }
        let request = ProviderRequest(
            url: "https://api.anthropic.com/v1/models?limit=1",
            headers: ["x-api-key": token, "anthropic-version": "2023-06-01"]
        )
        _ = try await client.accepted(request, from: "Anthropic")
        return CheckNotes()
    }

    static let google = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let request = ProviderRequest(
            url: "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1",
            headers: ["x-goog-api-key": fields["token"] ?? ""]
        )
        _ = try await client.accepted(request, from: "Google")
        return CheckNotes()
    }

    /// The header of tokens that whoever bears them may use.
    static func bearer(_ token: String?) -> [String: String] { ["Authorization": "Bearer \(token ?? "")"] }
}

extension CredentialCheck {
    /// Only asks the provider.
    init(inquiry: @escaping @Sendable (Fields, ProviderClient) async throws(CheckFailure) -> CheckNotes) {
        self.init(rule: { _ in nil }, inquiry: inquiry)
    }

    /// Only looks at the values.
    init(rule: @escaping @Sendable (Fields) -> String?) { self.init(rule: rule, inquiry: nil) }
}
