import Credentials
import Testing

@Suite("The catalogue of credential types") struct CatalogTests {
    /// Id, label, fields: `*` = secret, `?` = may stay empty.
    private static let rows: [(String, String, String)] = [
        ("github_token", "GitHub Personal Access Token", "token*"),
        ("git_ssh", "SSH Key & Git Identity", "id_rsa*? username email"),
        ("anthropic_key", "Anthropic API Credential", "token*"),
        ("openai_key", "OpenAI API Credential", "token*"),
        ("groq_key", "Groq API Credential", "token*"),
        ("google_key", "Google AI API Credential", "token*"),
        ("xai_key", "xAI API Credential", "token*"),
        ("mistral_key", "Mistral AI API Credential", "token*"),
        ("openrouter_key", "OpenRouter API Credential", "token*"),
        ("custom_key", "Custom LLM Provider API Credential", "token*"),
        ("sentry_token", "Sentry Auth Token", "token*"),
        ("linear_token", "Linear Personal API Token", "token*"),
        ("linear_oauth", "Linear OAuth2 Token", "client_id client_secret* access_token* refresh_token*?"),
        ("bugsnag_token", "Bugsnag Auth Token", "token*"),
        ("netlify_token", "Netlify Personal Access Token", "token*"),
        ("mintlify_token", "Mintlify API Token", "token*"),
        (
            "x_twitter_api", "X (Twitter) API Credentials",
            "api_key* api_secret* bearer_token* access_token*? access_token_secret*?"
        ),
        ("reddit_oauth", "Reddit OAuth2 Credentials", "client_id client_secret* username password* user_agent"),
        ("aws", "AWS Credentials", "access_key_id secret_access_key* default_region?"),
        ("vultr_api_key", "Vultr API Key", "api_key*"),
        ("hetzner_api_key", "Hetzner API Key", "api_key*"),
        ("cloudflare_api_token", "Cloudflare API Token", "api_token*"),
        ("vps_ssh", "VPS SSH Key", "private_key* public_key"),
        ("github_webhook_secret", "GitHub Webhook Secret", "secret*"),
        ("sentry_client_secret", "Sentry Client Secret", "secret*"),
        ("linear_webhook_secret", "Linear Webhook Secret", "secret*"),
        ("mintlify_webhook_secret", "Mintlify Webhook Secret", "secret*"),
        ("gateway_api_key", "Gateway API Key", "key*"),
        ("cloudflare_origin_cert", "Cloudflare Origin Certificate", "certificate private_key*"),
        ("slack_signing_secret", "Slack Signing Secret", "secret*"),
        ("discord_bot", "Discord Application", "public_key bot_token*?"),
        ("generic_webhook_secret", "Webhook Secret", "secret*"),
        ("state_database", "State Database", "password*"),
    ]

    @Test("Every type is there with its label and its fields")
    func rows() {
        let types = CredentialCatalog.standard.types.map { type in
            let fields = type.fields.map { "\($0.name)\($0.isSecret ? "*" : "")\($0.isOptional ? "?" : "")" }
            return "\(type.id)|\(type.label)|\(fields.joined(separator: " "))"
        }
        #expect(types == Self.rows.map { "\($0)|\($1)|\($2)" })
    }

    @Test("The context names exactly the variables", arguments: CredentialCatalog.standard.types)
    func context(type: CredentialType) {
        let variables = type.fields.flatMap(\.variables)
        let words = Set((type.context ?? "").split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
        #expect(variables.isEmpty ? true : type.context != nil)
        for variable in variables { #expect(words.contains(variable), "\(type.id): \(variable)") }
        let named = words.filter { $0.contains("_") && $0 == $0.uppercased() }
        #expect(named.isSubset(of: Set(variables)), "\(type.id): \(named)")
    }

    @Test("Every type says in a few words what it opens", arguments: CredentialCatalog.standard.types)
    func summary(type: CredentialType) {
        #expect((10...80).contains(type.summary.count))
        #expect(type.summary.last != ".")
    }

    @Test("Only what provisioning writes is hidden from lists")
    func hidden() {
        #expect(CredentialCatalog.standard.types.filter { !$0.isListed }.map(\.id) == ["cloudflare_origin_cert"])
    }

    @Test("Each type that a person gets somewhere says where", arguments: CredentialCatalog.standard.types)
    func help(type: CredentialType) {
        let withHelp: Set = [
            "github_token", "github_webhook_secret", "sentry_token", "linear_token", "linear_oauth",
            "linear_webhook_secret", "bugsnag_token", "netlify_token", "mintlify_token", "mintlify_webhook_secret",
            "x_twitter_api", "reddit_oauth", "vultr_api_key", "hetzner_api_key", "cloudflare_api_token", "aws",
        ]
        #expect(type.help?.hasPrefix("https://") ?? false == withHelp.contains(type.id), "\(type.id)")
    }
}
