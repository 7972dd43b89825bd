import Domain
import Project
import Testing

@Suite("The fingerprint of an agent")
struct ConfigHashTests {
    private static func agent() throws -> AgentConfig {
        var agent = AgentConfig(name: try AgentName("dev"), model: .init(provider: .scripted, model: "s.yaml"))
        agent.webhooks = [.init(source: "gh", filters: ["b": ["1"], "a": ["2"], "c": ["3"]])]
        return agent
    }

    @Test("Equal configurations have equal fingerprints, wherever they stand")
    func equal() throws {
        var moved = try Self.agent()
        moved.directory = "/elsewhere"
        #expect(configHash(of: moved) == configHash(of: try Self.agent()))
        #expect(configHash(of: moved).count == 64)
    }

    @Test("Every change of what a run would see changes it")
    func changes() throws {
        let base = try Self.agent()
        let changes: [(inout AgentConfig) -> Void] = [
            { $0.instructions = "x" }, { $0.scale = 2 }, { $0.timeout = 1 }, { $0.params = ["a": 1] },
            { $0.credentials = [.init(type: "github_token")] }, { $0.model.thinkingLevel = .low },
            { $0.limits.maxTurns = 1 }, { $0.webhooks = [] }, { $0.description = "d" },
        ]
        var hashes: Set<String> = [configHash(of: base)]
        for change in changes {
            var agent = base
            change(&agent)
            hashes.insert(configHash(of: agent))
        }
        #expect(hashes.count == changes.count + 1)
    }
}
