import Domain
import Project
import Testing

@Suite("The JSON form of an agent")
struct AgentConfigJSONTests {
    private static let full = """
        description = "Does \\"things\\""
        credentials = ["github_token", "aws:eu"]
        schedule = "*/5 * * * *"
        timezone = "Europe/Berlin"
        scale = 2
        timeout = 61
        initialRun = false
        manual = true
        workQueueSize = 5

        [model]
        provider = "custom"
        model = "m"
        authType = "api_key"
        baseUrl = "http://localhost:1/v1"
        thinkingLevel = "low"
        api = "chat"
        contextWindow = 1000
        maxTokens = 10
        images = true
        reasoning = false
        systemRole = "developer"
        store = false
        maxField = "max_tokens"
        thinkingFormat = "qwen"
        strictTools = true
        replayReasoning = false

        [model.price]
        input = 0.1
        output = 2

        [model.headers]
        X-B = "2"
        X-A = "1"

        [limits]
        maxTurns = 3
        maxTokensPerRun = 4
        maxCostPerRun = 0.25

        [params]
        z = 1
        a = [true, { y = "s", b = 1.5 }]

        [[webhooks]]
        source = "hub"
        repos = ["a/b"]
        org = "x"

        [[preflight]]
        provider = "shell"
        required = false
        [preflight.params]
        command = "true"
        """

    private func agent() throws -> AgentConfig {
        var files = TemporaryProject.sound
        files["config.toml", default: ""] += "[webhooks.hub]\ntype = \"github\"\n"
        files["agents/dev/agent-config.toml"] = Self.full
        let loaded = try TemporaryProject(files).load()
        #expect(loaded.problems.map(\.description) == [])
        return try #require(loaded.agents.first)
    }

    @Test("Everything survives the round trip, the order of params included")
    func roundTrip() throws {
        let agent = try agent()
        let text = agent.json.compactText
        let again = try AgentConfig(json: JSONValue(parsing: text))
        #expect(again == agent)
        #expect(again.json.compactText == text)
        #expect(again.params.compactText == #"{"z":1,"a":[true,{"y":"s","b":1.5}]}"#)
    }

    @Test("An agent of which only name and model are set survives too")
    func minimal() throws {
        let agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "s"))
        #expect(try AgentConfig(json: agent.json) == agent)
        #expect(!agent.json.compactText.contains("null"))
    }

    @Test("null counts as absent")
    func null() throws {
        let model = #"{"provider":"scripted","model":"s","headers":null,"price":null}"#
        let text = #"{"name":"a","model":\#(model),"limits":null,"webhooks":null,"schedule":null}"#
        let agent = try AgentConfig(json: JSONValue(parsing: text))
        #expect(agent == AgentConfig(name: try AgentName("a"), model: ModelConfig(provider: .scripted, model: "s")))
    }

    @Test("The hash follows every value and not the place on this machine")
    func hash() throws {
        let agent = try agent()
        var moved = agent
        moved.directory = "/elsewhere"
        var reordered = agent
        reordered.params = ["a": [true, ["y": "s", "b": 1.5]], "z": 1]
        #expect(configHash(of: agent).count == 64)
        #expect(configHash(of: moved) == configHash(of: agent))
        #expect(configHash(of: reordered) != configHash(of: agent))
    }

    @Test(
        "What does not fit is named",
        arguments: [
            (#"[]"#, "agent configuration: the document: expected an object"),
            (#"{"name":"a"}"#, "agent configuration: model: expected an object"),
            (
                #"{"name":"-","model":{"provider":"scripted","model":"s"}}"#,
                "agent configuration: name: expected the name of an agent"
            ),
            (
                #"{"name":"a","model":{"provider":"scripted","model":"s"},"scale":"1"}"#,
                "agent configuration: scale: expected a whole number"
            ),
            (
                #"{"name":"a","model":{"provider":"scripted","model":"s"},"webhooks":[{}]}"#,
                "agent configuration: webhooks[0].source: expected text"
            ),
        ]
    )
    func misfit(text: String, message: String) throws {
        let json = try JSONValue(parsing: text)
        let error = #expect(throws: AgentConfigJSONError.self) { try AgentConfig(json: json) }
        #expect(error?.description == message)
    }
}
