import Credentials
import Domain
import Testing

@Suite("From a reference to an instance")
struct ResolutionTests {
    let home: TemporaryHome
    let name: AgentName

    init() throws {
        home = try TemporaryHome()
        name = try AgentName("dev")
    }

    private func agent(_ credentials: [CredentialReference], provider: ModelProvider = .scripted) -> AgentConfig {
        var agent = AgentConfig(name: name, model: ModelConfig(provider: provider, model: "m"))
        agent.credentials = credentials
        return agent
    }

    private func store(_ type: String, _ instance: String, _ fields: [String: String]) throws {
        try home.store.write(type: type, instance: instance, fields: fields)
    }

    @Test("A bare type is the agent's own instance, else the shared one")
    func ownThenDefault() throws {
        let bare = CredentialReference(type: "github_token")
        let other = try AgentName("other")
        try store("github_token", "default", ["token": "shared"])
        #expect(try home.store.read(bare, for: name) == ["token": "shared"])
        try store("github_token", "dev", ["token": "own"])
        #expect(try home.store.resolve(bare, for: name) == "dev")
        #expect(try home.store.read(bare, for: name) == ["token": "own"])
        #expect(try home.store.read(bare, for: other) == ["token": "shared"])
        try home.store.delete(type: "github_token", instance: "dev")
        #expect(try home.store.read(bare, for: name) == ["token": "shared"])
    }

    @Test("The older agent/type means that agent's own instance, else the shared one, and is staged like a bare type")
    func ofAnotherAgent() throws {
        let reference = try #require(CredentialReference("other/github_token"))
        #expect(reference.description == "other/github_token")
        #expect(reference.stagedInstance == "default")
        try store("github_token", "default", ["token": "shared"])
        try store("github_token", "dev", ["token": "own"])
        #expect(try home.store.read(reference, for: name) == ["token": "shared"])
        try store("github_token", "other", ["token": "other's"])
        #expect(try home.store.read(reference, for: name) == ["token": "other's"])
        let typed = try CredentialCatalog.standard.reference("other/github_token")
        #expect(typed == CredentialReference(type: "github_token", instance: "other"))
    }

    @Test(
        "What has more or other parts is no reference",
        arguments: ["a/b/github_token", "../github_token", "/github_token", "other/", "other/Type", "other/x:y"]
    )
    func noReference(text: String) {
        #expect(CredentialReference(text) == nil)
    }

    @Test("An instance that is named is that one or nothing")
    func explicitNeverFallsBack() throws {
        try store("github_token", "default", ["token": "shared"])
        try store("github_token", "dev", ["token": "own"])
        let pinned = CredentialReference(type: "github_token", instance: "default")
        #expect(try home.store.read(pinned, for: name) == ["token": "shared"])
        let absent = CredentialReference(type: "github_token", instance: "work")
        #expect(try home.store.read(absent, for: name) == nil)
    }

    @Test("A project needs the credentials of its active agents, their model keys and their webhook secrets")
    func needs() throws {
        var config = ProjectConfig()
        config.webhooks["hub"] = WebhookSourceConfig(type: "github", credential: "work")
        config.webhooks["unused"] = WebhookSourceConfig(type: "linear", credential: "default")
        var active = agent([CredentialReference(type: "aws")], provider: .openai)
        active.webhooks = [WebhookTriggerConfig(source: "hub")]
        var disabled = agent([CredentialReference(type: "netlify_token")], provider: .groq)
        disabled.scale = 0
        let needs = CredentialNeeds(agents: [active, active, disabled], config: config)
        #expect(needs.references.map(\.description) == ["aws", "openai_key", "github_webhook_secret:work"])
        try store("aws", "dev", ["access_key_id": "1", "secret_access_key": "2"])
        #expect(try needs.missing(in: home.store).map(\.description) == ["openai_key", "github_webhook_secret:work"])
        let error = #expect(throws: CredentialError.self) { try needs.requireAll(in: home.store) }
        #expect(error?.code.id == "C01")
        #expect(
            error?.message
                == "2 credential(s) missing: openai_key, github_webhook_secret:work (for [webhooks.hub]). "
                + "Run al doctor in a terminal, or al creds add openai_key"
        )
    }

    @Test("An incomplete credential is named with its instance, and serves nobody")
    func incomplete() throws {
        try store("aws", "default", ["access_key_id": "1", "secret_access_key": "2"])
        try store("aws", "dev", ["access_key_id": "1"])
        var other = agent([CredentialReference(type: "aws")])
        other = AgentConfig(name: try AgentName("other"), model: other.model)
        other.credentials = [CredentialReference(type: "aws")]
        let needs = CredentialNeeds(
            agents: [agent([CredentialReference(type: "aws")]), other],
            config: ProjectConfig()
        )
        let gaps = try needs.gaps(in: home.store)
        #expect(gaps.map(\.stored.description) == ["aws:dev"])
        #expect(gaps.map(\.field) == ["secret_access_key"])
        #expect(gaps.map(\.reference.description) == ["aws"])
        #expect(try needs.missing(in: home.store).isEmpty)
        let (reference, agents) = (needs.references[0], needs.agents(needing: needs.references[0]))
        let instances = try agents.map { try home.store.resolve(reference, for: $0) }
        #expect(instances == ["dev", "default"])
        let own = try agents.map { try needs.gap(of: reference, for: $0, in: home.store)?.field }
        #expect(own == ["secret_access_key", nil])
        let error = #expect(throws: CredentialError.self) { try needs.requireAll(in: home.store) }
        #expect(error?.code.id == "C06")
        #expect(error?.message == "aws:dev: field \"secret_access_key\" is missing. Run: al creds add aws:dev")
    }

    @Test("Of another agent's credential that is missing, that agent's own one is what to add")
    func missingOfAnother() throws {
        let reference = CredentialReference(type: "mintlify_token", owner: "docs")
        let needs = CredentialNeeds(agents: [agent([reference])], config: ProjectConfig())
        #expect(try needs.gaps(in: home.store).map(\.stored.description) == ["mintlify_token:docs"])
        #expect(try needs.missing(in: home.store) == [reference])
    }

    @Test("Two references that land on one place are found before any run")
    func clash() throws {
        for instance in ["default", "dev"] {
            try store("aws", instance, ["access_key_id": "1", "secret_access_key": "2"])
        }
        let pinned = CredentialReference(type: "aws", instance: "default")
        let needs = CredentialNeeds(
            agents: [agent([CredentialReference(type: "aws"), pinned]), agent([pinned, pinned])],
            config: ProjectConfig()
        )
        #expect(
            needs.clashes(in: home.store).map(\.message) == [
                "Agent `dev`: aws and aws:default both become aws/default; keep one"
            ]
        )
        let error = #expect(throws: CredentialError.self) { try needs.requireAll(in: home.store) }
        #expect(error?.code.id == "C05")
        try home.store.delete(type: "aws", instance: "dev")
        try needs.requireAll(in: home.store)
    }

    @Test("Models without a key need none", arguments: [ModelProvider.scripted, .custom])
    func noKey(provider: ModelProvider) async throws {
        let agent = agent([], provider: provider)
        #expect(CredentialNeeds(agents: [agent], config: ProjectConfig()).references.isEmpty)
        #expect(try await home.store.modelCredentials(for: agent) == nil)
    }

    @Test("The model's key is handed out in the form that a run fetches")
    func modelKey() async throws {
        let agent = agent([], provider: .openai)
        let error = await #expect(throws: CredentialError.self) {
            try await home.store.modelCredentials(for: agent)
        }
        #expect(error?.code == .missing)
        try store("openai_key", "default", ["token": "sk-1"])
        let keys = try await home.store.modelCredentials(for: agent)
        #expect(keys == ["openai_key": ["default": ["token": "sk-1"]]])
    }

    @Test("The keys of a whole chain are needed and handed out")
    func chain() async throws {
        var agent = agent([], provider: .openai)
        agent.fallbackModels = [.openai, .custom, .google].map { ModelConfig(provider: $0, model: "m") }
        let needs = CredentialNeeds(agents: [agent], config: ProjectConfig())
        #expect(needs.references.map(\.description) == ["openai_key", "google_key"])
        let error = await #expect(throws: CredentialError.self) {
            try await home.store.modelCredentials(for: agent)
        }
        #expect(error?.references.map(\.description) == ["openai_key", "google_key"])
        try store("openai_key", "default", ["token": "sk-1"])
        try store("google_key", "default", ["token": "g"])
        let keys = try await home.store.modelCredentials(for: agent)
        #expect(keys?["openai_key"] != nil && keys?["google_key"] != nil && keys?["custom_key"] == nil)
    }

    @Test(
        "References that people type are checked",
        arguments: [
            (":", "C02", "`:` is not a credential reference. Write type or type:instance"),
            ("aws:", "C02", "`aws:` is not a credential reference. Write type or type:instance"),
            ("..:..", "C02", "`..:..` is not a credential reference. Write type or type:instance"),
            ("aws:a/b", "C02", "`aws:a/b` is not a credential reference. Write type or type:instance"),
            (
                "github_tokn", "C03",
                "Unknown credential type `github_tokn` — did you mean github_token? All types: al creds types"
            ),
        ]
    )
    func typed(text: String, id: String, message: String) {
        let error = #expect(throws: CredentialError.self) { try CredentialCatalog.standard.reference(text) }
        #expect(error?.code.id == id)
        #expect(error?.message == message)
    }

    @Test("Blanks around the parts do not count")
    func trimmed() throws {
        let reference = try CredentialCatalog.standard.reference(" aws : eu-1 ")
        #expect(reference == CredentialReference(type: "aws", instance: "eu-1"))
    }
}
