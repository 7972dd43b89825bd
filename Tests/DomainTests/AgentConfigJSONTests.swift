import Domain
import OrderedCollections
import Testing

@Suite("The JSON form of an agent")
struct AgentConfigJSONTests {
    private static func full() throws -> AgentConfig {
        var model = ModelConfig(provider: .custom, model: "m \"1\"")
        model.authentication = .oauthToken
        model.thinkingLevel = .xhigh
        model.baseURL = "http://localhost:1/v1"
        model.wireFormat = .responses
        model.contextWindow = 32768
        model.maxTokens = 4096
        model.images = true
        model.reasoning = false
        model.price = .init(input: 0.1, output: 1e-7, cacheRead: 3, cacheWrite: 4.25)
        model.headers = ["b": "2", "a": "1"]
        model.compatibility.systemRole = "developer"
        model.compatibility.store = false
        model.compatibility.maxField = "max_tokens"
        model.compatibility.thinkingFormat = "qwen"
        model.compatibility.strictTools = true
        model.compatibility.replayReasoning = true
        var agent = AgentConfig(name: try AgentName("dev"), model: model)
        agent.description = "Writes \u{1F4A1} code"
        agent.credentials = [.init(type: "github_token"), .init(type: "git_ssh", instance: "work")]
        agent.schedule = try CronSchedule("*/5 * * * *")
        agent.webhooks = [
            .init(source: "gh", filters: ["events": ["issues", "push"], "org": ["acme"]]), .init(source: "t"),
        ]
        agent.scale = 0
        agent.timeout = 17
        agent.timezone = "Europe/Berlin"
        agent.initialRun = false
        agent.manual = true
        agent.workQueueSize = 3
        agent.limits.maxTurns = 4
        agent.limits.maxTokensPerRun = 5
        agent.limits.maxCostPerRun = 0.3
        agent.params = ["z": 1, "a": ["x", nil, 1.5], "m": ["k": true]]
        agent.preflight = [.init(provider: "shell", isRequired: false, params: ["command": "true"])]
        agent.instructions = "# Title\n\nText \"quoted\"\n"
        agent.directory = "/p/agents/dev"
        return agent
    }

    @Test("What is written as text is read back without loss, order of params included")
    func roundTrip() throws {
        let agent = try Self.full()
        let read = try AgentConfig(json: JSONValue(parsing: agent.json.compactText))
        #expect(read == agent)
        #expect(read.json.compactText == agent.json.compactText)
        #expect(read.params.compactText == #"{"z":1,"a":["x",null,1.5],"m":{"k":true}}"#)
    }

    @Test("Name and model are enough; everything else has its default")
    func minimal() throws {
        let json: JSONValue = ["name": "dev", "model": ["provider": "scripted", "model": "s.yaml"]]
        let agent = try AgentConfig(json: json)
        #expect(agent == AgentConfig(name: try AgentName("dev"), model: .init(provider: .scripted, model: "s.yaml")))
    }

    @Test(
        "The key that does not fit is named",
        arguments: [
            ("name", ["name": "Bad Name"]), ("model", ["model": 1]), ("model.provider", ["model": ["provider": "x"]]),
            ("scale", ["scale": "1"]), ("credentials", ["credentials": [1]]), ("schedule", ["schedule": "61 * * * *"]),
            ("webhooks[0].source", ["webhooks": [[:]]]), ("preflight[1]", ["preflight": [["provider": "shell"], 1]]),
            ("limits.maxTurns", ["limits": ["maxTurns": 1.5]]),
        ] as [(String, JSONValue)]
    )
    func errors(path: String, changes: JSONValue) throws {
        var json = try Self.full().json
        for (key, value) in changes.objectValue ?? [:] { json[key] = value }
        let error = #expect(throws: AgentConfigJSONError.self) { try AgentConfig(json: json) }
        #expect(error?.path == path)
    }
}
