import Domain
import Testing

@testable import al

@Suite("Files of a run that its tools can read") struct BakedFilesTests {
    @Test("headers and variables are masked")
    func masked() throws {
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .custom, model: "m"))
        agent.model.headers = ["X-Api-Key": "key-0123456789"]
        agent.mcpServers = [
            MCPServerConfig(
                name: "x",
                transport: .stdio(command: ["s"], environment: ["TOKEN": "token-0123456789"], directory: nil)
            )
        ]
        let file = try #require(try StaticFiles.files(for: agent)["agent-config.json"])
        let text = String(decoding: file, as: UTF8.self)
        #expect(!text.contains("0123456789"))
        let read = try AgentConfig(json: JSONValue(parsing: text))
        #expect(read.model.headers.keys.sorted() == ["X-Api-Key"])
    }
}
