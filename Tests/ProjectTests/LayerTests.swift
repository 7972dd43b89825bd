import Domain
import Project
import Testing

@Suite("Layers of the configuration")
struct LayerTests {
    private static let files = [
        "config.toml": """
        maxReruns = 1
        maxCallDepth = 1
        workQueueSize = 1

        [gateway]
        port = 1001
        lockTimeout = 11
        url = "http://one"

        [webhooks.a]
        type = "github"
        credential = "one"
        """,
        ".env.toml": """
        projectName = "shop"
        maxCallDepth = 2
        workQueueSize = 2

        [gateway]
        port = 1002
        lockTimeout = 12

        [webhooks.b]
        type = "test"
        """,
        "~/environments/prod.toml": """
        workQueueSize = 3

        [server]
        host = "example.com"

        [gateway]
        port = 1003

        [webhooks.a]
        type = "linear"
        """,
    ]

    @Test("Later layers win key by key, tables are merged")
    func merge() throws {
        let loaded = try TemporaryProject(Self.files).load(environment: "prod")
        let config = loaded.config
        #expect(loaded.problems.map(\.description) == [])
        #expect([config.maxReruns, config.maxCallDepth, config.workQueueSize] == [1, 2, 3])
        #expect([config.gateway.port, config.gateway.lockTimeout] == [1003, 12])
        #expect(config.gateway.url == "http://one")
        #expect(config.projectName == "shop")
        #expect(
            config.webhooks == [
                "a": WebhookSourceConfig(type: "linear", credential: "one"), "b": WebhookSourceConfig(type: "test"),
            ]
        )
    }

    @Test("Arrays are replaced whole")
    func arrays() throws {
        let project = try TemporaryProject([
            "config.toml": "[gateway]\ntrustedProxies = [\"10.0.0.1\"]\n",
            ".env.toml": "[gateway]\ntrustedProxies = []\n",
        ])
        #expect(project.load().config.gateway.trustedProxies == [])
        try project.write("", to: ".env.toml")
        #expect(project.load().config.gateway.trustedProxies == ["10.0.0.1"])
    }

    @Test("A problem is reported where the winning layer stands")
    func place() throws {
        let project = try TemporaryProject([
            "config.toml": "maxReruns = 3\n", ".env.toml": "\nmaxReruns = -3\n",
        ])
        #expect(
            project.load().problems.map(\.description)
                == [".env.toml:2: maxReruns: expected a whole number ≥ 0, found -3"]
        )
    }

    @Test(
        "The environment is chosen by --env, then AL_ENV, then .env.toml; an empty name is none",
        arguments: [
            ("one", "two", "three", "one"), (nil, "two", "three", "two"), (nil, nil, "three", "three"),
            (nil, nil, nil, nil), (nil, "", "three", "three"), ("", "two", "three", "two"), ("", "", "", nil),
        ] as [(String?, String?, String?, String?)]
    )
    func environment(option: String?, variable: String?, written: String?, expected: String?) throws {
        let project = try TemporaryProject()
        for (port, name) in [(1, "one"), (2, "two"), (3, "three")] {
            try project.write("[gateway]\nport = \(port)\n", to: "~/environments/\(name).toml")
        }
        if let written { try project.write("environment = \"\(written)\"\n", to: ".env.toml") }
        let loaded = project.load(environment: option, variables: variable.map { ["AL_ENV": $0] } ?? [:])
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.environment == expected)
        let ports = ["one": 1, "two": 2, "three": 3]
        #expect(loaded.config.gateway.port == expected.flatMap { ports[$0] } ?? 8080)
    }

    @Test("Keys that bind the project to this machine belong in .env.toml")
    func bindingKeys() throws {
        let loaded = try TemporaryProject(["config.toml": "\nprojectName = \"x\"\nenvironment = \"y\"\n"]).load()
        #expect(
            loaded.problems.map(\.description) == [
                "config.toml:2: projectName: has no effect here; it belongs in .env.toml",
                "config.toml:3: environment: has no effect here; it belongs in .env.toml",
            ]
        )
        #expect(loaded.environment == nil)
    }

    @Test("Agents inherit from the merged project, and their own values win")
    func inheritance() throws {
        var files = TemporaryProject.sound
        files["config.toml"] = """
            workQueueSize = 7
            timezone = "Europe/Berlin"
            [model]
            provider = "scripted"
            model = "project.yaml"
            [local]
            timeout = 60
            [limits]
            maxTurns = 9
            maxTokensPerRun = 1000
            """
        files["agents/ops/agent-config.toml"] = """
            credentials = []
            schedule = "@daily"
            timezone = "UTC"
            timeout = 30
            workQueueSize = 2
            [model]
            provider = "scripted"
            model = "own.yaml"
            [limits]
            maxTurns = 4
            """
        files["agents/ops/ACTIONS.md"] = "x"
        let loaded = try TemporaryProject(files).load()
        #expect(loaded.problems.map(\.description) == [])
        try #require(loaded.agents.count == 2)
        let (dev, ops) = (loaded.agents[0], loaded.agents[1])
        #expect([dev.timeout, dev.workQueueSize, dev.limits.maxTurns] == [60, 7, 9])
        #expect([ops.timeout, ops.workQueueSize, ops.limits.maxTurns] == [30, 2, 4])
        #expect([dev.model.model, ops.model.model] == ["project.yaml", "own.yaml"])
        #expect([dev.timezone, ops.timezone] == ["Europe/Berlin", "UTC"])
        #expect(ops.limits.maxTokensPerRun == 1000)
    }
}
