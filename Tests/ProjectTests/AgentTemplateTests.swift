import Credentials
import Domain
import Foundation
import Project
import Testing

@Suite("Templates of agents") struct AgentTemplateTests {
    private static let config = """
        [model]
        provider = "anthropic"
        model = "claude-sonnet-4-20250514"
        authType = "api_key"

        [webhooks.github]
        type = "github"
        credential = "default"

        """

    private static func write(_ template: AgentTemplate, into project: TemporaryProject) throws {
        let name = try AgentName(template.id)
        let files = template.files(for: name, values: template.exampleValues, source: "github", hosts: hosts(of:))
        try AgentScaffold(project: project.path).write(files, for: name)
    }

    @Test("a rendered template loads without a problem or a hint", arguments: AgentTemplate.all)
    func loads(template: AgentTemplate) throws {
        let project = try TemporaryProject(["config.toml": Self.config])
        try Self.write(template, into: project)
        let loaded = project.load()
        #expect(loaded.problems.map(\.description) == [])
        let agent = try #require(loaded.agents.first)
        #expect(agent.name.rawValue == template.id)
        #expect(agent.instructions.hasPrefix("# \(template.id)\n"))
        #expect(!agent.instructions.contains("{{"))
        for placeholder in template.placeholders { #expect(agent.params[placeholder.name] != nil) }
    }

    /// Name, credentials, schedule, scale, timeout, events of the triggers, whether there is a Dockerfile.
    private static let table: [(String, String, String?, Int, Int, [String], Bool)] = [
        ("dev", "github_token git_ssh", "0 * * * *", 4, 1800, ["issues"], true),
        ("reviewer", "github_token git_ssh", "0 * * * *", 4, 1800, ["pull_request", "check_suite"], true),
        ("planner", "github_token git_ssh", "0 * * * *", 1, 600, ["issues", "issue_comment"], true),
        ("devops", "github_token git_ssh sentry_token", "*/15 * * * *", 1, 900, [], true),
        ("reddit-moderator", "reddit_oauth", "*/15 * * * *", 1, 900, [], false),
        ("custom", "", nil, 1, 900, [], false),
    ]

    @Test("each says what it needs and what starts it", arguments: table)
    func facts(
        id: String,
        credentials: String,
        schedule: String?,
        scale: Int,
        timeout: Int,
        events: [String],
        hasDockerfile: Bool
    ) throws {
        let project = try TemporaryProject(["config.toml": Self.config])
        try Self.write(try #require(AgentTemplate.named(id)), into: project)
        let agent = try #require(project.load().agents.first)
        #expect(agent.credentials.map(\.description).joined(separator: " ") == credentials)
        #expect(agent.schedule?.expression == schedule)
        #expect(agent.scale == scale)
        #expect(agent.timeout == timeout)
        #expect(agent.webhooks.flatMap { $0.filters["events"] ?? [] } == events)
        #expect((project.text("agents/\(id)/Dockerfile") != nil) == hasDockerfile)
        #expect(!(project.text("agents/\(id)/agent-config.toml") ?? "").contains("\n[model]"))
        // What its credentials open, and nothing else.
        #expect(agent.network?.allow ?? [] == agent.credentials.flatMap { hosts(of: $0.type) })
    }

    @Test("filters carry the values that were asked for")
    func filters() throws {
        let project = try TemporaryProject(["config.toml": Self.config])
        let template = try #require(AgentTemplate.named("dev"))
        let values = ["org": "o", "triggerLabel": "do \"it\"", "author": "me"]
        let files = template.files(for: try AgentName("x"), values: values, source: "github", hosts: hosts(of:))
        try AgentScaffold(project: project.path).write(files, for: try AgentName("x"))
        let trigger = try #require(project.load().agents.first?.webhooks.first)
        #expect(trigger.filters["labels"] == ["do \"it\""])
        #expect(trigger.filters["orgs"] == ["o"])
        #expect(trigger.filters["author"] == ["me"])
    }

    @Test(
        "who takes a lock is told to release it, and who works for others to say how it went",
        arguments: AgentTemplate.all
    )
    func instructions(template: AgentTemplate) {
        let text = template.exampleFiles["ACTIONS.md"] ?? ""
        #expect(text.contains("rlock \""))
        #expect(text.contains("runlock"))
        #expect(text.contains("al-status"))
        #expect(text.contains("al-return"))
    }

    @Test("the examples in the repository are what the templates make", arguments: AgentTemplate.all)
    func examples(template: AgentTemplate) throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        for (file, text) in template.exampleFiles {
            let url = repository.appendingPathComponent("examples/agents/\(template.id)/\(file)")
            #expect(try String(contentsOf: url, encoding: .utf8) == text, "\(url.path)")
        }
    }

    @Test("nothing is written over what is there, and nothing is left behind by a failure")
    func scaffold() throws {
        let project = try TemporaryProject(["config.toml": Self.config, "agents/dev/notes": "mine"])
        let error = #expect(throws: ProjectError.self) {
            try AgentScaffold(project: project.path).write(["ACTIONS.md": "x"], for: try AgentName("dev"))
        }
        #expect(error?.code == .exists)
        #expect(project.text("agents/dev/ACTIONS.md") == nil)
        #expect(throws: ProjectError.self) {
            try AgentScaffold(project: project.path).write(["a/b": "x"], for: try AgentName("other"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: project.path + "/agents") == ["dev"])
    }

    @Test(
        "values are checked by their kind",
        arguments: [
            ("subreddit", " ", false), ("subreddit", "x", true), ("moderation_rules", " , ", false),
            ("moderation_rules", "a, b", true), ("max_comment_age_hours", "0", false),
            ("max_comment_age_hours", "x", false), ("max_comment_age_hours", "12", true),
        ]
    )
    func problems(name: String, value: String, isFine: Bool) throws {
        let template = try #require(AgentTemplate.named("reddit-moderator"))
        let placeholder = try #require(template.placeholders.first { $0.name == name })
        #expect((placeholder.problem(with: value) == nil) == isFine)
    }
}

/// As the command makes them.
private func hosts(of type: String) -> [String] { CredentialCatalog.standard.type(type)?.hosts ?? [] }

extension AgentTemplate {
    /// The files as `examples/` has them.
    fileprivate var exampleFiles: [String: String] {
        // The ids are legal names.
        (try? AgentName(id)).map {
            files(for: $0, values: exampleValues, source: "github", hosts: hosts(of:))
        } ?? [:]
    }
}
