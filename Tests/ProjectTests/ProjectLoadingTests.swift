import Domain
import Foundation
import Project
import Testing

@Suite("Loading a project")
struct ProjectLoadingTests {
    private static let agent = "credentials = []\nmanual = true\n"

    @Test("Later layers win: tables are merged, arrays and scalars replaced; only .env.toml names the project")
    func layers() throws {
        let files = try ProjectFiles([
            "config.toml": """
            projectName = "wrong"
            maxReruns = 1
            maxCallDepth = 5
            [local]
            memory = "1g"
            cpus = 1
            [model]
            provider = "anthropic"
            model = "a"
            authType = "api_key"
            """,
            ".env.toml": "projectName = \"right\"\nmaxReruns = 2\n[local]\nmemory = \"512m\"\n[model]\nmodel = \"b\"\n",
            "~/environments/prod.toml": "maxReruns = 3\n[local]\ncpus = 4.5\n[server]\nhost = \"h\"\n",
            "agents/dev/agent-config.toml": Self.agent,
            "agents/dev/ACTIONS.md": "Work.",
        ])
        let local = files.load()
        #expect(local.environment == nil)
        #expect(local.config.projectName == "right")
        #expect(local.config.maxReruns == 2)
        #expect(local.config.maxCallDepth == 5)
        #expect(local.config.local.memory == 512 << 20)
        #expect(local.config.local.cpus == 1)
        #expect(local.agents.first?.model.model == "b")
        #expect(local.agents.first?.model.provider == .anthropic)
        #expect(
            local.problems.map(\.description) == [
                "config.toml:1: projectName: has no effect here; it belongs in .env.toml"
            ]
        )
        let remote = files.load(environment: "prod")
        #expect(remote.environment == "prod")
        #expect(remote.config.maxReruns == 3)
        #expect(remote.config.local.cpus == 4.5)
        #expect(remote.config.local.memory == 512 << 20)
    }

    @Test(
        "The environment comes from --env, else AL_ENV, else .env.toml; empty means not set",
        arguments: [
            ("a", "b", "a"), (nil, "b", "b"), (nil, "", "c"), (nil, nil, "c"), ("", "b", "b"),
        ] as [(String?, String?, String)]
    )
    func environmentSelection(option: String?, variable: String?, selected: String) throws {
        let files = try ProjectFiles([
            ".env.toml": "environment = \"c\"\n", "~/environments/a.toml": "", "~/environments/b.toml": "",
            "~/environments/c.toml": "",
        ])
        let variables = variable.map { ["AL_ENV": $0] } ?? [:]
        #expect(files.load(environment: option, variables: variables).environment == selected)
    }

    @Test("A missing environment is named with what there is; a name that leaves the directory is refused unread")
    func missingEnvironment() throws {
        let files = try ProjectFiles(["~/environments/prod.toml": "", "~/secret.toml": "maxReruns = 7"])
        let missing = files.load(environment: "prdo")
        #expect(missing.problems.map(\.code) == [.environmentNotFound])
        #expect(missing.problems.first?.suggestion == "prod")
        #expect(missing.problems.first?.text.contains("Known: prod.") == true)
        for name in ["../secret", "a/b", ".x", String(repeating: "a", count: 64)] {
            let loaded = files.load(environment: name)
            #expect(loaded.problems.map(\.code) == [.environmentBadName])
            #expect(loaded.config.maxReruns == 10)
        }
    }

    @Test("Defaults hold where nothing is written")
    func defaults() throws {
        let files = try ProjectFiles([
            "config.toml": ProjectFiles.model, "agents/dev/agent-config.toml": Self.agent,
            "agents/dev/ACTIONS.md": "Do it.",
        ])
        let loaded = files.load()
        #expect(loaded.problems.isEmpty)
        let agent = try #require(loaded.agents.first)
        #expect(agent.timeout == 900)
        #expect(agent.scale == 1)
        #expect(agent.workQueueSize == 100)
        #expect(agent.initialRun)
        #expect(agent.limits.maxTurns == 500)
        #expect(agent.instructions == "Do it.")
        #expect(agent.directory == "\(loaded.directory)/agents/dev")
        #expect(loaded.config == withModel(loaded.config.model))
    }

    private func withModel(_ model: ModelConfig?) -> ProjectConfig {
        var config = ProjectConfig()
        config.model = model
        return config
    }

    @Test("Agents inherit the project's settings; their own model replaces the project's whole")
    func inheritance() throws {
        let files = try ProjectFiles([
            "config.toml": """
            workQueueSize = 7
            initialRun = false
            timezone = "Europe/Berlin"
            [local]
            timeout = 60
            [limits]
            maxTurns = 9
            maxTokensPerRun = 1000
            [model]
            provider = "anthropic"
            model = "a"
            authType = "oauth_token"
            thinkingLevel = "high"
            """,
            "agents/own/agent-config.toml": """
            credentials = ["github_token", "git_ssh:work"]
            schedule = "0 * * * *"
            timeout = 5
            [limits]
            maxTurns = 2
            [model]
            provider = "openai"
            model = "o"
            authType = "api_key"
            [params]
            zeta = 1
            alpha = [ { b = true, a = "x" } ]
            """,
            "agents/own/ACTIONS.md": "x",
            "agents/plain/agent-config.toml": Self.agent,
            "agents/plain/ACTIONS.md": "x",
        ])
        let loaded = files.load()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.agents.map(\.name.rawValue) == ["own", "plain"])
        let (own, plain) = (loaded.agents[0], loaded.agents[1])
        #expect(plain.timeout == 60 && plain.workQueueSize == 7 && !plain.initialRun)
        #expect(plain.timezone == "Europe/Berlin")
        #expect(plain.model.authentication == .oauthToken && plain.model.thinkingLevel == .high)
        #expect(own.timeout == 5 && own.limits.maxTurns == 2 && own.limits.maxTokensPerRun == 1000)
        #expect(own.model.thinkingLevel == nil && own.model.provider == .openai)
        #expect(own.credentials == [.init(type: "github_token"), .init(type: "git_ssh", instance: "work")])
        #expect(own.params.compactText == #"{"zeta":1,"alpha":[{"b":true,"a":"x"}]}"#)
    }

    @Test("Errors of several files come together, sorted by file and line, and only the agents concerned are left out")
    func together() throws {
        let files = try ProjectFiles([
            "config.toml": ProjectFiles.model + "[gateway]\nport = 99999\n[webhooks.x]\ntype = \"gitlab\"\n",
            "agents/a/agent-config.toml": "credentials = []\nmanual = true\nscale = 1.5\ntimeout = 0\n",
            "agents/a/ACTIONS.md": "x",
            "agents/b/agent-config.toml": Self.agent,
            "agents/b/ACTIONS.md": "x",
        ])
        let loaded = files.load()
        #expect(
            loaded.problems.map(\.description) == [
                "agents/a/agent-config.toml:3: scale: expected a whole number ≥ 0, found 1.5",
                "agents/a/agent-config.toml:4: timeout: expected a whole number ≥ 1, found 0",
                "config.toml:6: gateway.port: expected a whole number 1–65535, found 99999",
                "config.toml:8: webhooks.x.type: \"gitlab\" is unknown (github, sentry, linear, mintlify, test, slack, "
                    + "discord, generic) — did you mean \"github\"?",
            ]
        )
        #expect(loaded.agents.map(\.name.rawValue) == ["b"])
        #expect(loaded.agentDirectories == ["a", "b"])
    }

    @Test("A syntax error names line and column and shows the line")
    func syntax() throws {
        let files = try ProjectFiles(["config.toml": "maxReruns = 1\nscale = = 2\n"])
        let problem = try #require(files.load().problems.first)
        #expect(problem.code == .configSyntax)
        #expect(problem.line == 2)
        #expect(problem.description.hasPrefix("config.toml:2:9: not valid TOML: "))
        #expect(problem.text.contains("\n    scale = = 2\n            ^"))
    }

    @Test("A directory of an agent is no project")
    func agentDirectory() throws {
        let files = try ProjectFiles(["agent-config.toml": Self.agent])
        #expect(files.load().problems.map(\.code) == [.projectIsAgent])
    }

    @Test("No agents is a problem only of the command that needs some")
    func noAgents() throws {
        let loaded = try ProjectFiles().load()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.missingAgents?.text == "No agents in agents/. Create one with: al agent new")
    }

    @Test("A scale above the project's is reported and does not take the agent away")
    func scale() throws {
        let files = try ProjectFiles([
            "config.toml": "scale = 3\n" + ProjectFiles.model,
            "agents/dev/agent-config.toml": Self.agent + "scale = 5\n",
            "agents/dev/ACTIONS.md": "x",
        ])
        let loaded = files.load()
        #expect(
            loaded.problems.map(\.description) == [
                "agents/dev/agent-config.toml:3: Agent `dev`: scale 5 is above the project's 3"
            ]
        )
        #expect(loaded.agents.map(\.scale) == [5])
    }

    @Test("An agent without any model is told so")
    func noModel() throws {
        let lines = try ProjectFiles.problems(agent: Self.agent, config: "")
        #expect(lines == ["E20 agents/dev/agent-config.toml: Agent `dev`: no [model] here or in config.toml"])
    }

    @Test("Deprecated names are read; the new name wins")
    func deprecated() throws {
        let files = try ProjectFiles([
            "config.toml": "maxTriggerDepth = 4\nwebhookQueueSize = 5\nworkQueueSize = 6\nresourceLockTimeout = 60\n"
        ])
        let loaded = files.load()
        #expect(loaded.config.maxCallDepth == 4)
        #expect(loaded.config.workQueueSize == 6)
        #expect(loaded.config.gateway.lockTimeout == 60)
        #expect(
            loaded.problems.map(\.description) == [
                "config.toml:1: maxTriggerDepth: deprecated, use maxCallDepth",
                "config.toml:2: webhookQueueSize: deprecated and not used, workQueueSize is set",
                "config.toml:4: resourceLockTimeout: deprecated, use gateway.lockTimeout",
            ]
        )
    }

    @Test("Keys of parts that come later are known")
    func laterParts() throws {
        let config = """
            [telemetry]
            enabled = false
            provider = "none"
            headers = { a = "b" }
            [cloud]
            provider = "ecs"
            awsRegion = "x"
            [network]
            require = true
            [state]
            engine = "sqlite"
            """
        #expect(try ProjectFiles(["config.toml": config]).load().problems.isEmpty)
    }

    @Test(
        "Sizes are read in every form",
        arguments: [
            ("\"4g\"", 4 << 30), ("\"4Gi\"", 4 << 30), ("\"4096m\"", 4 << 30), ("\"4096\"", 4 << 30), ("4096", 4 << 30),
            ("\"512Mi\"", 512 << 20), ("\"1.5GB\"", 3 << 29), ("\"lots\"", nil), ("\"0\"", nil), ("true", nil),
        ] as [(String, Int?)]
    )
    func sizes(text: String, bytes: Int?) throws {
        let loaded = try ProjectFiles(["config.toml": "[local]\nmemory = \(text)\n"]).load()
        #expect(loaded.problems.map(\.code) == (bytes == nil ? [.configBadType] : []))
        #expect(loaded.config.local.memory == bytes ?? 4 << 30)
    }

    @Test("500 agents load fast enough to be read at every command")
    func many() throws {
        var contents = ["config.toml": ProjectFiles.model]
        for number in 0..<500 {
            contents["agents/agent-\(number)/agent-config.toml"] = Self.agent
            contents["agents/agent-\(number)/ACTIONS.md"] = "x"
        }
        let files = try ProjectFiles(contents)
        let start = ContinuousClock.now
        let loaded = files.load()
        let time = start.duration(to: .now)
        #expect(loaded.agents.count == 500)
        // The aim is 100 ms in a release build on a quiet machine.
        #expect(time < .seconds(5))
    }
}
