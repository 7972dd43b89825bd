import Credentials
import Domain
import Foundation
import Terminal

/// Finds how the model's key is presented, and asks for the key where it is not stored yet.
struct ModelKeyQuestions {
    /// What came of it.
    struct Answer {
        var authentication: ModelAuthentication
        /// For the summary.
        var key: String
    }

    let flow: CredentialFlow
    /// `--auth`.
    var wanted: ModelAuthentication?
    /// `--no-key`.
    var skips = false
    /// `--yes`: nothing is asked.
    var asksNothing = false

    /// Settles the key of a provider.
    func settle(_ provider: ModelProvider) async throws -> Answer {
        guard let typeID = provider.credentialType else { return Answer(authentication: .apiKey, key: "none needed") }
        let type = try CredentialCatalog.standard.requireType(typeID)
        if wanted == .piAuth { return try piAuth(provider) }
        let stored = try flow.store.read(type: typeID, instance: "default")?["token"]
        if skips {
            let note = stored == nil ? "none yet: al doctor asks for it" : "unchanged (\(typeID))"
            return Answer(authentication: wanted ?? kind(of: stored, provider), key: note)
        }
        if let stored, try keeps(type) {
            return Answer(authentication: wanted ?? kind(of: stored, provider), key: "unchanged (\(typeID))")
        }
        if asksNothing, provider == .custom { return Answer(authentication: .apiKey, key: "none") }
        guard !asksNothing else {
            throw PromptError.notPossible(
                question: type.label,
                remedy: "--no-key, or store it before: al creds add \(typeID)"
            )
        }
        return try await ask(type, provider)
    }

    private func keeps(_ type: CredentialType) throws -> Bool {
        guard !asksNothing else { return true }
        return try flow.prompt.confirm("Use the stored \(type.label)?", remedy: "--yes", defaultAnswer: true)
    }

    private func ask(_ type: CredentialType, _ provider: ModelProvider) async throws -> Answer {
        var authentication = wanted ?? .apiKey
        if provider == .anthropic, wanted == nil {
            let choices = ["API key", "OAuth token (sk-ant-oat…)", "pi auth: the login in \(login.path)"]
            let kinds: [ModelAuthentication] = [.apiKey, .oauthToken, .piAuth]
            authentication = kinds[try flow.prompt.choose("Authentication", among: choices, remedy: "--auth")]
        }
        if authentication == .piAuth { return try piAuth(provider) }
        let isOAuth = authentication == .oauthToken
        let token = try flow.prompt.secret("\(type.label) (empty: later)", remedy: "--no-key") { token in
            guard provider == .anthropic, !token.isEmpty,
                token.contains(CredentialCheck.anthropicOAuthMark) != isOAuth
            else { return nil }
            return isOAuth ? "OAuth tokens contain sk-ant-oat; choose API key instead." : "That is an OAuth token."
        }
        guard !token.isEmpty else {
            return Answer(authentication: authentication, key: "none yet: al doctor asks for it")
        }
        guard try await flow.save(["token": token], type, "default") else {
            return Answer(authentication: authentication, key: "not stored")
        }
        return Answer(authentication: authentication, key: "stored (\(type.id))")
    }

    private func kind(of token: String?, _ provider: ModelProvider) -> ModelAuthentication {
        provider == .anthropic && token?.contains(CredentialCheck.anthropicOAuthMark) == true ? .oauthToken : .apiKey
    }

    private var login: PiAuth { OperatorLogin.piAuth { Console.error("Warning: \($0)") } }

    /// The login of another program, which is only looked for.
    private func piAuth(_ provider: ModelProvider) throws -> Answer {
        guard let place = try login.place(ofLoginFor: provider) else {
            let others = provider == .anthropic ? "api_key or oauth_token" : "api_key"
            throw Failure(
                "Credential error: \(login.path) holds no login for \(provider.rawValue); choose \(others).",
                code: CredentialError.Code.missing.rawValue
            )
        }
        let use = "it works in al chat and with the runtime host only"
        return Answer(authentication: .piAuth, key: "pi auth (\(place)); \(use)")
    }
}
