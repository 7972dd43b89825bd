import Domain
import Testing

@Suite("The JSON form of an agent")
struct AgentConfigJSONTests {
    private func agent() throws -> AgentConfig {
        AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .anthropic, model: "m"))
    }

    @Test(
        "References to credentials are read back as they were",
        arguments: ["github_token", "github_token:work", "other-agent/github_token"],
        [false, true]
    )
    func references(_ text: String, _ isBrokered: Bool) throws {
        var agent = try agent()
        var reference = try #require(CredentialReference(text))
        reference.isBrokered = isBrokered
        agent.credentials = [reference]
        #expect(try AgentConfig(json: agent.json).credentials == [reference])
    }

    @Test("What is no reference is refused", arguments: ["", "a/b/c", "../x", "github_token:"])
    func badReference(_ text: String) throws {
        var json = try agent().json
        json["credentials"] = [.string(text)]
        #expect(throws: AgentConfigJSONError.self) { try AgentConfig(json: json) }
    }

    @Test("An unknown provider is answered with the known ones")
    func provider() throws {
        let error = #expect(throws: AgentConfigJSONError.self) {
            try ModelConfig(json: ["provider": "antropic", "model": "m"])
        }
        #expect(error?.path == "model.provider")
        #expect(error?.expected.contains("anthropic, openai") == true)
    }

    @Test("Headers and variables are read back, and a list of hosts by itself")
    func tables() throws {
        var agent = try agent()
        agent.model.headers = ["X-Api-Key": "k"]
        var server = MCPServerConfig(
            name: "x",
            transport: .stdio(command: ["s"], environment: ["TOKEN": "t"], directory: nil)
        )
        server.timeout = 7
        agent.mcpServers = [
            server, MCPServerConfig(name: "y", transport: .http(url: "https://y", headers: ["Authorization": "a"])),
        ]
        agent.network = NetworkPolicy(allow: ["h"], isRequired: false)
        let read = try AgentConfig(json: agent.json)
        #expect(read.model == agent.model)
        #expect(read.mcpServers == agent.mcpServers)
        let network = try #require(agent.network)
        #expect(try NetworkPolicy(json: network.json) == network)
    }
}
