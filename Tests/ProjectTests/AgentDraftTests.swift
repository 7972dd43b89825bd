import Domain
import Foundation
import OrderedCollections
import Project
import Testing

@Suite("Changing an agent's settings") struct AgentDraftTests {
    private static let file = """
        # what it may use
        credentials = ["github_token", { ref = "git_ssh:work", broker = true }] # two

        schedule = '0 * * * *'   # hourly
        unknown = 1

        [[webhooks]] # first
        source = "github"
        events = ["issues"]

        [params]
        # who
        org = "acme"
        count = 0x10
        list = [
          1, # one
          2,
        ]
        """

    private func project() throws -> TemporaryProject { try TemporaryProject(["agent.toml": Self.file]) }

    private func draft(_ project: TemporaryProject) throws -> AgentDraft {
        try AgentDraft(path: project.path + "/agent.toml", file: "agent.toml")
    }

    @Test("without a change the file stays byte for byte")
    func unchanged() throws {
        let project = try project()
        var draft = try draft(project)
        draft.schedule = draft.schedule
        draft.params = draft.params
        draft.credentials = draft.credentials
        #expect(!draft.isChanged)
        #expect(try draft.save() == false)
        #expect(project.text("agent.toml") == Self.file)
    }

    @Test("a change touches its key only; comments and order stay")
    func changed() throws {
        let project = try project()
        var draft = try draft(project)
        draft.schedule = "0 7 * * 1-5"
        draft.params["org"] = "other"
        #expect(draft.isChanged)
        #expect(try draft.save())
        let text = try #require(project.text("agent.toml"))
        let expected = Self.file.replacing("'0 * * * *'", with: "\"0 7 * * 1-5\"").replacing(
            "\"acme\"",
            with: "\"other\""
        )
        #expect(text == expected)
    }

    @Test("nothing is written before it is saved")
    func cancelled() throws {
        let project = try project()
        var draft = try draft(project)
        draft.webhooks = []
        draft.model = ["provider": "openai", "model": "gpt-4o"]
        #expect(project.text("agent.toml") == Self.file)
    }

    @Test("what becomes empty is removed, what is new is added")
    func removedAndAdded() throws {
        let project = try project()
        var draft = try draft(project)
        draft.webhooks = []
        draft.schedule = nil
        draft.params = [:]
        draft.model = ["provider": "openai", "model": "gpt-4o"]
        try draft.save()
        let again = try AgentDraft(path: project.path + "/agent.toml", file: "agent.toml")
        #expect(again.webhooks.isEmpty)
        #expect(again.schedule == nil)
        #expect(again.params.isEmpty)
        #expect(again.model?["model"] == "gpt-4o")
        #expect(project.text("agent.toml")?.hasPrefix("# what it may use\ncredentials = [") == true)
        #expect(project.text("agent.toml")?.contains("unknown = 1") == true)
    }

    @Test(
        "typed values keep their type",
        arguments: [
            ("12", "12"), ("true", "true"), ("[1, \"a\"]", "[1,\"a\"]"), ("acme", "\"acme\""), ("\"12\"", "\"12\""),
            ("1.5", "1.5"), ("a b # c", "\"a b # c\""), ("", "\"\""),
            ("nan", "\"nan\""), ("-inf", "\"-inf\""), ("[1, nan]", "\"[1, nan]\""),
        ]
    )
    func typed(text: String, json: String) {
        #expect(AgentDraft.value(typed: text).compactText == json)
    }

    @Test(
        "only an agent's file is an agent's file",
        arguments: [
            ("dev", "agents/dev/agent-config.toml"), ("old", "old/agent-config.toml"), ("", nil), (".", nil),
            ("..", nil), ("src", nil), ("agents", nil), ("../project/agents/dev", nil), ("dev/../dev", nil),
        ] as [(String, String?)]
    )
    func configFile(name: String, file: String?) throws {
        let project = try TemporaryProject(
            TemporaryProject.sound.merging([
                "src/config.toml": "x = 1\n", "agents/config.toml": "x = 1\n",
                "old/agent-config.toml": "manual = true\n",
            ]) { $1 }
        )
        #expect(project.load().configFile(of: name) == file)
    }

    @Test("a change is told what it breaks, and nothing of what was broken before")
    func newErrors() throws {
        let project = try TemporaryProject(TemporaryProject.sound)
        try project.write("manual = true\nscale = \"two\"\n", to: "agents/dev/agent-config.toml")
        let file = "agents/dev/agent-config.toml"
        var draft = try AgentDraft(path: "\(project.path)/\(file)", file: file)
        #expect(try draft.newErrors(of: "dev", in: project.load()).isEmpty)
        draft.model = ["provider": "custom", "model": "m", "authType": "api_key"]
        let problems = try draft.newErrors(of: "dev", in: project.load())
        #expect(problems.map(\.description) == ["\(file): model.baseUrl: is missing; provider custom needs it"])
        draft.model = ["provider": "custom", "model": "m", "authType": "api_key", "baseUrl": "http://localhost:1/v1"]
        #expect(try draft.newErrors(of: "dev", in: project.load()).isEmpty)
    }

    @Test("what was broken in a list before is no news at another place of it, but there a second time")
    func errorsInLists() throws {
        let file = "agents/dev/agent-config.toml"
        let hub = "[webhooks.hub]\ntype = \"github\"\nallowUnsigned = true\n"
        let project = try TemporaryProject(
            TemporaryProject.sound.merging([
                "config.toml": "[model]\nprovider = \"scripted\"\nmodel = \"script.yaml\"\n" + hub,
                file: "[[webhooks]]\nsource = \"hub\"\n[[webhooks]]\nsource = \"hbu\"\n",
            ]) { $1 }
        )
        var draft = try AgentDraft(path: "\(project.path)/\(file)", file: file)
        draft.webhooks.removeFirst()
        #expect(try draft.newErrors(of: "dev", in: project.load()).isEmpty)
        draft.webhooks.append(["source": "hbu"])
        #expect(try draft.newErrors(of: "dev", in: project.load()).map(\.keyPath) == ["webhooks[1].source"])
    }
}
