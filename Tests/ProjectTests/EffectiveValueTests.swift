import Domain
import Project
import Testing

@Suite("Where settings come from")
struct EffectiveValueTests {
    private static let files = [
        "config.toml":
            "maxReruns = 3\n\n[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n\n[gateway]\nport = 1\n\n[limits]\nmaxTurns = 9\n",
        ".env.toml": "projectName = \"shop\"\n\n[gateway]\nport = 2\ntrustedProxies = [\"10.0.0.1\"]\n",
        "~/environments/prod.toml": "[telemetry]\nheaders = { key = \"secret\" }\n",
        "agents/dev/agent-config.toml":
            "credentials = []\nmanual = true\n\n[limits]\nmaxTokensPerRun = 5\n\n[[preflight]]\nprovider = \"shell\"\nparams = { command = \"true\" }\n",
        "agents/dev/ACTIONS.md": "x",
    ]

    private func lines(_ values: [EffectiveValue]) -> [String] {
        values.map { "\($0.keyPath) = \($0.value.compactText) <- \($0.source)\($0.line.map { ":\($0)" } ?? "")" }
    }

    @Test("Each key of the project has the layer that decides it; secrets are masked, the rest are defaults")
    func project() throws {
        let project = try TemporaryProject(Self.files)
        let shown = lines(project.load(environment: "prod").effectiveValues)
        #expect(
            shown.prefix(7) == [
                "maxReruns = 3 <- config.toml:1",
                "model.provider = \"scripted\" <- config.toml:4",
                "model.model = \"s.yaml\" <- config.toml:5",
                "gateway.port = 2 <- .env.toml:4",
                "gateway.trustedProxies = [\"10.0.0.1\"] <- .env.toml:5",
                "limits.maxTurns = 9 <- config.toml:11",
                "telemetry.headers.key = \"***\" <- \(project.home)/environments/prod.toml:2",
            ]
        )
        #expect(shown.contains("maxCallDepth = 3 <- default"))
        #expect(shown.contains("local.memory = \"4g\" <- default"))
        #expect(!shown.contains { $0.hasPrefix("maxReruns = 10") })
        #expect(Set(shown).count == shown.count)
    }

    @Test("An agent shows its own keys, what it inherits, and defaults")
    func agent() throws {
        let project = try TemporaryProject(Self.files)
        let loaded = project.load()
        let shown = lines(try #require(try loaded.effectiveValues(of: "dev")))
        #expect(
            shown.prefix(8) == [
                "credentials = [] <- agents/dev/agent-config.toml:1",
                "manual = true <- agents/dev/agent-config.toml:2",
                "limits.maxTokensPerRun = 5 <- agents/dev/agent-config.toml:5",
                "preflight[0].provider = \"shell\" <- agents/dev/agent-config.toml:8",
                "preflight[0].params.command = \"true\" <- agents/dev/agent-config.toml:9",
                "model.provider = \"scripted\" <- config.toml:4",
                "model.model = \"s.yaml\" <- config.toml:5",
                "limits.maxTurns = 9 <- config.toml:11",
            ]
        )
        #expect(shown.contains("timeout = 900 <- default"))
        #expect(!shown.contains("manual = false <- default"))
        #expect(try loaded.effectiveValues(of: "nobody") == nil)
        // The files live as long as the project.
        withExtendedLifetime(project) {}
    }
}
