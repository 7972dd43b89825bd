import Domain
import Foundation
import TestSupport
import Testing

@testable import AgentRun

@Suite("Where credentials come from", .timeLimit(.minutes(5)))
struct CredentialSourcesTests {
    /// Prints the token and the file that holds it.
    static let script = """
        turns:
          - calls: [ bash: "cat $AL_CREDENTIALS_PATH/github_token/default/token; stat -c %a $AL_CREDENTIALS_PATH/github_token/default/token; echo $GITHUB_TOKEN" ]
          - expect: { lacks: ghp_, contains: "[redacted:github_token.token]" }
            text: Done.
        """
    static let token = "ghp_0123456789abcdef"

    private func fixture() throws -> RunFixture {
        try RunFixture(script: Self.script, config: ["credentials": ["github_token"]])
    }

    private func result(_ fixture: RunFixture) -> String {
        let lines = fixture.transcript.filter { $0["message"]?["role"] == "toolResult" }
        return lines.first?["message"]?["content"]?[0]?["text"]?.stringValue ?? ""
    }

    @Test("Variables are the second source, written out as files for their owner only")
    func variables() async throws {
        var fixture = try fixture()
        defer { fixture.clean() }
        fixture.environment["AL_SECRET_github_token__default__token"] = Self.token
        fixture.environment["AL_SECRET_github_token__token"] = "ignored-for-its-name"
        #expect(await fixture.run() == 0)
        #expect(fixture.sink.entry("credentials loaded from env vars") != nil)
        #expect(result(fixture) == "[redacted:github_token.token]600\n[redacted:github_token.token]")
    }

    @Test("The gateway is the third source, with the run's secret")
    func gateway() async throws {
        try await FakeGateway.serving { request in
            request.target == "/credentials/sesame"
                ? (200, #"{"github_token":{"default":{"token":"\#(Self.token)"}}}"#)
                : (request.target == "/health" ? 200 : 404, "{}")
        } _: { base, gateway in
            var fixture = try fixture()
            defer { fixture.clean() }
            fixture.environment["GATEWAY_URL"] = base + "/"
            fixture.environment["SHUTDOWN_SECRET"] = "sesame"
            #expect(await fixture.run() == 0)
            #expect(fixture.sink.entry("credentials loaded from gateway") != nil)
            #expect(gateway.requests.map(\.target) == ["/health", "/credentials/sesame"])
        }
    }

    @Test("Nothing anywhere names the agent, what it declares and where it was looked for")
    func nothing() async throws {
        try await FakeGateway.serving { request in
            (request.target == "/health" ? 200 : 404, "{}")
        } _: { base, _ in
            var fixture = try fixture()
            defer { fixture.clean() }
            fixture.environment["GATEWAY_URL"] = base
            fixture.environment["SHUTDOWN_SECRET"] = "sesame"
            #expect(await fixture.run() == 1)
            let error = try #require(fixture.sink.entry("container entry error")?["error"]?.stringValue)
            for word in ["agent dev", "(github_token)", fixture.root + "/credentials", "AL_SECRET_", "gateway"] {
                #expect(error.contains(word), "\(error)")
            }
        }
    }

    @Test("A credential of which runs get nothing is delivered all the same")
    func emptyCredential() async throws {
        let fixture = try RunFixture(script: "turns:\n  - text: Done.\n", config: ["credentials": ["discord_bot"]])
        defer { fixture.clean() }
        try FileManager.default.createDirectory(
            atPath: fixture.root + "/credentials/discord_bot/default",
            withIntermediateDirectories: true
        )
        #expect(await fixture.run() == 0)
        #expect(!fixture.sink.lines.contains { $0.contains("was not delivered") })
    }

    @Test(
        "The prompt tells of what was brought, and of SSH only with a key",
        arguments: [("git_ssh", "default"), ("git_ssh:work", "work")],
        [false, true]
    )
    func notes(_ git: (reference: String, instance: String), _ hasKey: Bool) async throws {
        let fixture = try RunFixture(
            script: "turns:\n  - text: Done.\n",
            config: ["credentials": [.string(git.reference), "sentry_token"]]
        )
        defer { fixture.clean() }
        try fixture.credential("git_ssh", "username", "ada", instance: git.instance)
        try fixture.credential("git_ssh", "email", "a@b", instance: git.instance)
        if hasKey { try fixture.credential("git_ssh", "id_rsa", "KEY", instance: git.instance) }
        #expect(await fixture.run() == 0)
        let prompt = try #require(fixture.transcript.dropFirst().first?["message"]?["content"]?.compactText)
        #expect(prompt.contains("- `\(git.reference)`: "))
        #expect(prompt.contains("Clone GitHub repositories over SSH") == hasKey)
        #expect(prompt.contains("There is no SSH key") != hasKey)
        #expect(!prompt.contains("- `sentry_token`"))
    }

    @Test("Any other answer of the gateway is fatal", arguments: [403, 500])
    func refused(_ status: Int) async throws {
        try await FakeGateway.serving { request in
            (request.target == "/health" ? 200 : status, "{}")
        } _: { base, _ in
            var fixture = try fixture()
            defer { fixture.clean() }
            fixture.environment["GATEWAY_URL"] = base
            fixture.environment["SHUTDOWN_SECRET"] = "sesame"
            #expect(await fixture.run() == 1)
            let error = fixture.sink.entry("container entry error")?["error"]?.stringValue
            #expect(error?.contains("HTTP \(status)") == true)
        }
    }

    @Test("The first source with data wins; nothing is merged")
    func order() async throws {
        var fixture = try RunFixture(
            script:
                "turns:\n  - calls: [ bash: 'echo $GITHUB_TOKEN-$HCLOUD_TOKEN' ]\n  - expect: { matches: '-$' }\n    text: x\n",
            config: ["credentials": ["github_token"]]
        )
        defer { fixture.clean() }
        try fixture.credential("github_token", "token", Self.token)
        fixture.environment["AL_SECRET_hetzner_api_key__default__api_key"] = "hetzner-secret"
        #expect(await fixture.run() == 0)
        #expect(fixture.sink.entry("credentials loaded from volume") != nil)
        #expect(fixture.sink.entry("credentials loaded from env vars") == nil)
    }

    @Test("The keys of all models of a chain come with one question and reach no tool")
    func modelKeys() async throws {
        try await FakeGateway.serving { request in
            request.target == "/credentials/sesame/model"
                ? (200, #"{"anthropic_key":{"default":{"token":"sk-ant-api03-0123456789"}}}"#)
                : (request.target == "/health" ? 200 : 404, "{}")
        } _: { base, gateway in
            var fixture = try RunFixture(
                script: "turns:\n  - calls: [ bash: env ]\n  - expect: { lacks: [sk-ant, AL_SECRET_] }\n    text: x\n",
                config: ["models": [["provider": "anthropic", "model": "claude-sonnet-4-5"]]]
            )
            defer { fixture.clean() }
            fixture.environment["GATEWAY_URL"] = base
            fixture.environment["SHUTDOWN_SECRET"] = "sesame"
            fixture.environment["ANTHROPIC_API_KEY"] = "sk-ant-of-the-launcher"
            #expect(await fixture.run() == 0)
            #expect(gateway.requests.filter { $0.target.hasSuffix("/model") }.count == 1)
        }
    }

    @Test(
        "A model's key that is listed changes nothing: nobody is asked for it, and it is not missed",
        arguments: [[], ["github_token"]]
    )
    func listedModelKey(others: [String]) async throws {
        try await FakeGateway.serving { request in
            (request.target == "/health" ? 200 : 404, "{}")
        } _: { base, gateway in
            let references = (["openai_key"] + others).map(JSONValue.string)
            var fixture = try RunFixture(script: "turns:\n  - text: x\n", config: ["credentials": .array(references)])
            defer { fixture.clean() }
            for type in others { try fixture.credential(type, "token", Self.token) }
            fixture.environment["GATEWAY_URL"] = base
            fixture.environment["SHUTDOWN_SECRET"] = "sesame"
            #expect(await fixture.run() == 0)
            #expect(gateway.requests.map(\.target) == ["/health"])
            #expect(fixture.sink.entry("credential openai_key was not delivered") == nil)
        }
    }
}
