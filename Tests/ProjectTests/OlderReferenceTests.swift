import Domain
import Project
import Testing

@Suite("References of older projects") struct OlderReferenceTests {
    @Test("another agent's credential is read with a warning that says what to write")
    func alias() throws {
        let project = try TemporaryProject(TemporaryProject.sound)
        try project.write(
            "credentials = [\"other/github_token\"]\nmanual = true\n",
            to: "agents/dev/agent-config.toml"
        )
        let loaded = project.load()
        #expect(loaded.agents.first?.credentials.map(\.description) == ["other/github_token"])
        #expect(
            loaded.problems.map(\.description) == [
                "agents/dev/agent-config.toml:1: credentials[0]: is deprecated; store it for this agent, or write "
                    + "github_token:other"
            ]
        )
    }
}
