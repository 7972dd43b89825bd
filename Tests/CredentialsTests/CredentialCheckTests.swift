import Credentials
import Domain
import Foundation
import Synchronization
import Testing

/// A provider that answers from a list, and remembers what it was asked.
final class FakeProvider: Sendable {
    private struct State {
        var answers: [Result<ProviderAnswer, ProviderSendError>]
        var requests: [ProviderRequest] = []
    }

    private let state: Mutex<State>

    /// The last answer is given again and again.
    init(_ answers: [Result<ProviderAnswer, ProviderSendError>]) { state = Mutex(State(answers: answers)) }

    convenience init(status: Int, _ body: String, headers: [String: String] = [:]) {
        self.init([.success(ProviderAnswer(status: status, headers: headers, body: body))])
    }

    var requests: [ProviderRequest] { state.withLock { $0.requests } }

    var client: ProviderClient {
        ProviderClient(now: { Date(timeIntervalSince1970: 1_318_622_958) }, makeNonce: { "nonce" }) {
            request throws(ProviderSendError) in try self.answer(request)
        }
    }

    private func answer(_ request: ProviderRequest) throws(ProviderSendError) -> ProviderAnswer {
        let result = state.withLock { state in
            state.requests.append(request)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        return try result.get()
    }
}

@Suite("Checks of credentials") struct CredentialCheckTests {
    private static let secret = "s3cret-value-0123456789"

    /// Fields with which every local rule is content.
    static func fields(of type: CredentialType) -> [String: String] {
        var fields = Dictionary(uniqueKeysWithValues: type.fields.map { ($0.name, "\(secret)-\($0.name)") })
        let forms = [
            "openai_key": "sk-", "groq_key": "gsk_", "xai_key": "xai-", "openrouter_key": "sk-or-",
        ]
        if let prefix = forms[type.id] { fields["token"] = prefix + secret }
        if type.id == "discord_bot" { fields["public_key"] = String(repeating: "0a", count: 32) }
        if type.id == "git_ssh" { fields["id_rsa"] = "-----BEGIN OPENSSH PRIVATE KEY-----" }
        if type.id == "vps_ssh" { fields["private_key"] = "-----BEGIN OPENSSH PRIVATE KEY-----" }
        if type.id == "gateway_api_key" { fields["key"] = secret + secret }
        if type.id == "aws" { fields["secret_access_key"] = secret + secret }
        return fields
    }

    private static let asking = CredentialCatalog.standard.types.filter(\.check.asksProvider)

    private static let accepted: [String: String] = [
        "github_token": #"{"login":"octo"}"#, "linear_token": #"{"data":{"viewer":{"id":"1","name":"Ann"}}}"#,
        "linear_oauth": #"{"data":{"viewer":{"id":"1","name":"Ann"}}}"#, "sentry_token": #"[{"slug":"acme"}]"#,
        "reddit_oauth": #"{"access_token":"x"}"#, "cloudflare_api_token": #"{"result":{"status":"active"}}"#,
    ]

    private static func verdict(_ type: CredentialType, _ provider: FakeProvider) async -> CheckVerdict {
        await type.verdict(on: fields(of: type), asking: provider.client)
    }

    @Test("Exactly these types ask their provider")
    func whoAsks() {
        #expect(
            Set(Self.asking.map(\.id)) == [
                "github_token", "anthropic_key", "openai_key", "groq_key", "google_key", "xai_key", "mistral_key",
                "openrouter_key", "sentry_token", "linear_token", "linear_oauth", "bugsnag_token", "netlify_token",
                "x_twitter_api", "reddit_oauth", "vultr_api_key", "hetzner_api_key", "cloudflare_api_token",
            ]
        )
    }

    @Test("A provider that answers as it should accepts", arguments: asking)
    func success(type: CredentialType) async {
        let provider = FakeProvider(status: 200, Self.accepted[type.id] ?? "{}")
        guard case .accepted = await Self.verdict(type, provider) else {
            Issue.record("\(type.id)")
            return
        }
        #expect(provider.requests.allSatisfy { $0.url.hasPrefix("https://") })
    }

    @Test("401 and 403 refuse and name the status", arguments: asking, [401, 403])
    func refused(type: CredentialType, status: Int) async {
        guard case .refused(let reason) = await Self.verdict(type, FakeProvider(status: status, "no")) else {
            Issue.record("\(type.id)")
            return
        }
        #expect(reason.contains("\(status)"), "\(reason)")
    }

    @Test("Trouble, words of a proxy, a lost connection and a timeout decide nothing", arguments: asking)
    func undecided(type: CredentialType) async {
        let providers = [
            FakeProvider(status: 302, ""), FakeProvider(status: 307, "{}"), FakeProvider(status: 407, ""),
            FakeProvider(status: 408, ""), FakeProvider(status: 403, "\n<html>blocked</html>"),
            FakeProvider(status: 451, "blocked", headers: ["content-type": "text/html; charset=utf-8"]),
            FakeProvider(status: 429, "slow down"), FakeProvider(status: 500, "<html>oops</html>"),
            FakeProvider([.failure(.lostConnection)]), FakeProvider([.failure(.timedOut)]),
            FakeProvider([.failure(.unreachable("no route"))]),
        ]
        for provider in providers {
            guard case .undecided = await Self.verdict(type, provider) else {
                Issue.record("\(type.id)")
                return
            }
        }
    }

    @Test("A lost connection is tried once more, a timeout is not")
    func retry() async throws {
        let type = try CredentialCatalog.standard.requireType("netlify_token")
        let flaky = FakeProvider([.failure(.lostConnection), .success(ProviderAnswer(status: 200, body: "{}"))])
        #expect(await Self.verdict(type, flaky) == .accepted(CheckNotes()))
        let slow = FakeProvider([.failure(.timedOut)])
        _ = await Self.verdict(type, slow)
        #expect(slow.requests.count == 1)
    }

    @Test("What the provider says is quoted to 200 characters, and never with the secret", arguments: asking)
    func quotes(type: CredentialType) async {
        let secrets = type.fields.filter(\.isSecret).compactMap { Self.fields(of: type)[$0.name] }
        for padding in stride(from: 150, to: 200, by: 9) {
            // Wherever the quotation ends, no part of a value stands there.
            let tail = secrets.joined(separator: " ") + String(repeating: "y", count: 500)
            let provider = FakeProvider(status: 400, String(repeating: "x", count: padding) + " " + tail)
            guard case .refused(let reason) = await Self.verdict(type, provider) else {
                Issue.record("\(type.id)")
                return
            }
            #expect(reason.count < 400)
            #expect(!reason.contains("s3cret"), "\(reason)")
        }
    }

    @Test(
        "Something else than the provider in between decides nothing",
        arguments: asking
    )
    func portal(type: CredentialType) async throws {
        guard case .undecided = await Self.verdict(type, FakeProvider(status: 200, "<html>Sign in</html>")) else {
            Issue.record("a page is not an answer")
            return
        }
    }

    @Test("GitHub is asked who and for repositories; scopes that agents need and lack are a warning")
    func github() async throws {
        let type = try CredentialCatalog.standard.requireType("github_token")
        let user = ProviderAnswer(status: 200, headers: ["x-oauth-scopes": "repo, gist"], body: #"{"login":"octo"}"#)
        let provider = FakeProvider([.success(user), .success(ProviderAnswer(status: 200, body: "[{},{},{}]"))])
        guard case .accepted(let notes) = await type.verdict(on: ["token": "abc"], asking: provider.client) else {
            Issue.record("refused")
            return
        }
        #expect(notes.facts == ["logged in as octo, 3 repositories"])
        #expect(notes.warnings == ["the token lacks the scope workflow"])
        #expect(
            provider.requests == [
                ProviderRequest(
                    url: "https://api.github.com/user",
                    headers: ["Authorization": "Bearer abc", "Accept": "application/vnd.github+json"]
                ),
                ProviderRequest(
                    url: "https://api.github.com/user/repos?sort=updated&per_page=100",
                    headers: ["Authorization": "Bearer abc", "Accept": "application/vnd.github+json"]
                ),
            ]
        )
    }

    @Test("Linear's personal token goes without a scheme, its errors refuse")
    func linear() async throws {
        let type = try CredentialCatalog.standard.requireType("linear_token")
        let provider = FakeProvider(status: 200, #"{"errors":[{"message":"not allowed"}]}"#)
        guard case .refused(let reason) = await type.verdict(on: ["token": "lin_1"], asking: provider.client) else {
            Issue.record("accepted")
            return
        }
        #expect(reason.contains("not allowed"))
        #expect(provider.requests[0].headers["Authorization"] == "lin_1")
        #expect(provider.requests[0].body == #"{"query":"query { viewer { id name } }"}"#)
    }

    @Test("Reddit gets the password grant, encoded")
    func reddit() async throws {
        let type = try CredentialCatalog.standard.requireType("reddit_oauth")
        let provider = FakeProvider(status: 200, #"{"error":"invalid_grant"}"#)
        let fields = [
            "client_id": "id", "client_secret": "secret", "username": "me", "password": "a&b=c", "user_agent": "mod/1",
        ]
        #expect(await type.verdict(on: fields, asking: provider.client) == .refused("Reddit refused it: invalid_grant"))
        let request = provider.requests[0]
        #expect(request.body == "grant_type=password&username=me&password=a%26b%3Dc")
        #expect(request.headers["Authorization"] == "Basic aWQ6c2VjcmV0")
        #expect(request.headers["User-Agent"] == "mod/1")
    }

    @Test("An account's Cloudflare token, which cannot be verified, may list zones instead")
    func cloudflare() async throws {
        let type = try CredentialCatalog.standard.requireType("cloudflare_api_token")
        let provider = FakeProvider([
            .success(ProviderAnswer(status: 401, body: "{}")),
            .success(ProviderAnswer(status: 200, body: #"{"success":true}"#)),
        ])
        #expect(await type.verdict(on: ["api_token": "t"], asking: provider.client) == .accepted(CheckNotes()))
        #expect(provider.requests.map(\.url).last == "https://api.cloudflare.com/client/v4/zones?per_page=1")
    }

    @Test("X is asked with the bearer, or signed when a user's tokens are there")
    func x() async throws {
        let type = try CredentialCatalog.standard.requireType("x_twitter_api")
        let provider = FakeProvider(status: 200, #"{"data":{"username":"me"}}"#)
        var fields = ["api_key": "k", "api_secret": "s", "bearer_token": "b"]
        #expect(await type.verdict(on: fields, asking: provider.client) == .accepted(CheckNotes()))
        #expect(provider.requests[0].url == "https://api.x.com/2/users/by/username/x")
        #expect(provider.requests[0].headers == ["Authorization": "Bearer b"])
        fields["access_token"] = "t"
        fields["access_token_secret"] = "ts"
        _ = await type.verdict(on: fields, asking: provider.client)
        #expect(provider.requests[1].url == "https://api.x.com/2/users/me")
        // Computed with Python's hmac over the base string of RFC 5849.
        let signature = "oauth_signature=\"vfM4Es06gldUcb9UWmSo2v7fF9s%3D\""
        #expect(provider.requests[1].headers["Authorization"]?.contains(signature) == true)
    }

    @Test("An Anthropic OAuth token is not sent anywhere")
    func anthropicOAuth() async throws {
        let type = try CredentialCatalog.standard.requireType("anthropic_key")
        let provider = FakeProvider(status: 500, "")
        guard case .accepted = await type.verdict(on: ["token": "sk-ant-oat01-abc"], asking: provider.client) else {
            Issue.record("refused")
            return
        }
        #expect(provider.requests.isEmpty)
    }

    @Test(
        "Values that cannot be right are found without asking",
        arguments: [
            ("openai_key", ["token": "pk-1"], "begins with sk-"), ("groq_key", ["token": "x"], "gsk_"),
            ("xai_key", ["token": "x"], "xai-"), ("openrouter_key", ["token": "sk-x"], "sk-or-"),
            ("linear_webhook_secret", ["secret": "1234567"], "at least 8"), ("google_key", [:], "\"token\" is missing"),
            ("aws", ["access_key_id": "short", "secret_access_key": "x"], "16 to 128"),
            ("aws", ["access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "x"], "at least 40"),
            ("discord_bot", ["public_key": "zz"], "64 hexadecimal"),
            ("git_ssh", ["username": "a", "email": "b", "id_rsa": "ssh-rsa AAAA"], "private key"),
            ("generic_webhook_secret", ["secret": "whsec_not base64!"], "base64 after whsec_"),
            ("generic_webhook_secret", ["secret": "whsec_"], "base64 after whsec_"),
        ] as [(String, [String: String], String)]
    )
    func rules(id: String, fields: [String: String], says: String) throws {
        let type = try CredentialCatalog.standard.requireType(id)
        #expect(type.problem(with: fields)?.contains(says) == true)
    }

    @Test(
        "A secret of Standard Webhooks may lack its padding, and any other text is a secret too",
        arguments: ["whsec_c2VjcmV0MQ==", "whsec_c2VjcmV0MQ", "not base64!"]
    )
    func webhookSecret(text: String) throws {
        let type = try CredentialCatalog.standard.requireType("generic_webhook_secret")
        #expect(type.problem(with: ["secret": text]) == nil)
    }

    @Test("Values of the right form have no problem", arguments: CredentialCatalog.standard.types)
    func rightForm(type: CredentialType) {
        #expect(type.problem(with: Self.fields(of: type)) == nil)
    }
}
