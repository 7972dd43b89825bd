import Domain
import Foundation
import Project
import Testing

@Suite("Loading a project")
struct ProjectLoadingTests {
    private static let model = """
        [model]
        provider = "anthropic"
        model = "claude-x"
        authType = "api_key"

        """
    private static let agent = "credentials = []\nmanual = true\n"

    @Test("A missing environment is named with what there is; a name that leaves the directory is refused unread")
    func missingEnvironment() throws {
        let files = try TemporaryProject(["~/environments/prod.toml": "", "~/secret.toml": "maxReruns = 7"])
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
        let files = try TemporaryProject([
            "config.toml": Self.model, "agents/dev/agent-config.toml": Self.agent,
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

    @Test("A scale above the project's is reported and does not take the agent away")
    func scale() throws {
        let files = try TemporaryProject([
            "config.toml": "scale = 3\n" + Self.model,
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
        let files = try TemporaryProject(["agents/dev/agent-config.toml": Self.agent, "agents/dev/ACTIONS.md": "x"])
        #expect(
            files.load().problems.map(\.description) == [
                "agents/dev/agent-config.toml: Agent `dev`: no [model] here or in config.toml"
            ]
        )
    }

    @Test("Deprecated names are read; the new name wins")
    func deprecated() throws {
        let files = try TemporaryProject([
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
            provider = "cloud-run"
            gcpProject = "p"
            region = "r"
            artifactRegistry = "r-docker.pkg.dev/p/x"
            [network]
            require = true
            [state]
            engine = "sqlite"
            """
        let loaded = try TemporaryProject(["config.toml": config]).load()
        #expect(loaded.problems.map(\.code) == [.configNoEffect] && loaded.hints == [])
        let elsewhere = try TemporaryProject(["config.toml": config]).load(runtime: .host)
        #expect(elsewhere.problems == [] && elsewhere.hints == [])
        #expect(elsewhere.config.local.runtime == .host)
    }

    @Test(
        "Sizes are read in every form",
        arguments: [
            ("\"4g\"", 4 << 30), ("\"4Gi\"", 4 << 30), ("\"4096m\"", 4 << 30), ("\"4096\"", 4 << 30), ("4096", 4 << 30),
            ("\"512Mi\"", 512 << 20), ("\"1.5GB\"", 3 << 29), ("\"lots\"", nil), ("\"0\"", nil), ("true", nil),
        ] as [(String, Int?)]
    )
    func sizes(text: String, bytes: Int?) throws {
        let loaded = try TemporaryProject(["config.toml": "[local]\nmemory = \(text)\n"]).load()
        #expect(loaded.problems.map(\.code) == (bytes == nil ? [.configBadType] : []))
        #expect(loaded.config.local.memory == bytes ?? 4 << 30)
    }

    @Test("Five hundred agents are read")
    func many() throws {
        var contents = ["config.toml": Self.model]
        for number in 0..<500 {
            contents["agents/agent-\(number)/agent-config.toml"] = Self.agent
            contents["agents/agent-\(number)/ACTIONS.md"] = "x"
        }
        #expect(try TemporaryProject(contents).load().agents.count == 500)
    }
}
