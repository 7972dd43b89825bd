import Credentials
import Domain
import Testing

@Suite("Secrets in the configuration of an agent")
struct WrittenSecretsTests {
    private func secrets(_ headers: [String: String]) throws -> [String] {
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .custom, model: "m"))
        agent.model.headers = headers
        return agent.writtenSecrets.map(\.value)
    }

    @Test(
        "A name says whether a value is secret",
        arguments: [
            ("X-Api-Key", "abcdefgh", ["abcdefgh"]), ("Authorization", "Bearer abcdefgh", ["abcdefgh"]),
            ("Cookie", "a=1; b=2", ["a=1; b=2"]), ("OPENAI_API_KEY", "abcdefgh", ["abcdefgh"]),
            ("Content-Type", "application/json", []), ("TOKENIZERS_PARALLELISM", "disabled", []),
            ("AUTH_TYPE", "interactive", []), ("KEY_FILE", "/etc/ssl/key", []),
            ("COOKIE_DOMAIN", "example.com", []), ("TOKEN_ENDPOINT", "https://example.com/token", []),
            ("AUTH_PROVIDER", "keycloak", []), ("API_KEY_2", "abcdefgh", ["abcdefgh"]),
            ("GITHUB_TOKEN_PROD", "abcdefgh", ["abcdefgh"]), ("SECRET_STRIPE", "abcdefgh", ["abcdefgh"]),
            ("X-Api-Key", "${MY_KEY}", []),
        ]
    )
    func names(_ name: String, _ value: String, _ expected: [String]) throws {
        #expect(try secrets([name: value]) == expected)
    }

    @Test("They are found wherever headers and variables stand, and named by them")
    func places() throws {
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "m"))
        var spare = ModelConfig(provider: .custom, model: "n")
        spare.headers = ["X-Token": "spare-secret"]
        agent.fallbackModels = [spare]
        agent.mcpServers = [
            MCPServerConfig(
                name: "x",
                transport: .stdio(command: ["s"], environment: ["X_TOKEN": "server-secret"], directory: nil)
            ),
            MCPServerConfig(name: "y", transport: .http(url: "https://y", headers: ["X-Token": "remote-secret"])),
        ]
        agent.preflight = [
            PreflightStep(provider: "http", params: ["url": "u", "headers": ["X-Token": "early-secret"]])
        ]
        agent.params = ["token": "no secret of ours"]
        #expect(
            agent.writtenSecrets.map(\.value).sorted()
                == ["early-secret", "remote-secret", "server-secret", "spare-secret"]
        )
        #expect(
            Redactor(agent.writtenSecrets).redact("a spare-secret, a server-secret").text
                == "a [redacted:config.X-Token], a [redacted:config.X_TOKEN]"
        )
    }
}
