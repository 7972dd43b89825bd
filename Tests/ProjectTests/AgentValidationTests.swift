import Domain
import Project
import Testing

@Suite("Validation of an agent's file")
struct AgentValidationTests {
    private static let model = """
        [model]
        provider = "anthropic"
        model = "claude-x"
        authType = "api_key"

        """
    private static let file = "agents/dev/agent-config.toml"
    private static let sources = """
        [webhooks.gh]
        type = "github"
        [webhooks.se]
        type = "sentry"

        """

    struct Case: CustomTestStringConvertible, Sendable {
        let agent: String
        /// What is reported, without the file; nothing = valid.
        let lines: [String]
        var testDescription: String { agent.split(separator: "\n").joined(separator: " | ") }

        init(_ agent: String, _ lines: String...) {
            self.agent = agent
            self.lines = lines
        }
    }

    @Test(
        "Each mistake is reported with its line, key and remedy",
        arguments: [
            Case("credentials = []\nmanual = true"),
            Case(
                "credentials = []",
                "E13 : Agent `dev`: nothing starts it: set schedule, add [[webhooks]], manual = true, or scale = 0"
            ),
            Case("credentials = []\nscale = 0"),
            Case(
                "credentials = []\nschedule = \"\"",
                "E13 : Agent `dev`: nothing starts it: set schedule, add [[webhooks]], manual = true, or scale = 0"
            ),
            Case("manual = true", "W05 : credentials: is missing, [] is used"),
            Case(
                "credentials = \"github_token\"\nmanual = true",
                "W08 :1: credentials: a list is expected, taken as [\"github_token\"]"
            ),
            Case(
                "manual = true\ncredentials = [\n  \"github_token\",\n  \"git_ssh:\",\n]",
                "C02 :4: credentials[1]: `git_ssh:` is not a credential reference. Write type or type:instance"
            ),
            Case(
                "manual = true\ncredentials = [\"../x\"]",
                "C02 :2: credentials[0]: `../x` is not a credential reference. Write type or type:instance"
            ),
            Case(
                "credentials = []\nmanual = true\ntimeout = \"600\"",
                "E17 :3: timeout: expected a whole number ≥ 1, found \"600\""
            ),
            Case("credentials = []\nmanual = true\ntimeout = 600.0"),
            Case("credentials = []\nmanual = true\ntimeout = 31536000\nscale = 10000"),
            Case(
                "credentials = []\nmanual = true\ntimeout = 31536001",
                "E17 :3: timeout: expected a whole number ≤ 31536000, found 31536001"
            ),
            Case(
                "credentials = []\nmanual = true\nscale = 9223372036854775807",
                "E17 :3: scale: expected a whole number ≤ 10000, found 9223372036854775807"
            ),
            Case(
                "credentials = []\nmanual = true\nscale = -1",
                "E17 :3: scale: expected a whole number ≥ 0, found -1"
            ),
            Case("credentials = []\nmanual = \"yes\"", "E17 :2: manual: expected true or false, found \"yes\"")
                .plus(
                    "E13 : Agent `dev`: nothing starts it: set schedule, add [[webhooks]], manual = true, or scale = 0"
                ),
            Case(
                "credentials = []\nschedule = \"61 * * * *\"",
                "E18 :2: schedule: \"61 * * * *\": minute \"61\": *"
            ),
            Case(
                "credentials = []\nmanual = true\ncron = \"* * * * *\"",
                "W01 :3: cron: unknown key — did you mean \"schedule\"?"
            ),
            Case(
                "credentials = []\nmanual = true\nshcedule = \"x\"",
                "W01 :3: shcedule: unknown key — did you mean \"schedule\"?"
            ),
            Case("credentials = []\nmanual = true\nzzz = 1", "W01 :3: zzz: unknown key"),
            Case(
                "name = \"other\"\ncredentials = []\nmanual = true",
                "W02 :1: name: has no effect: the directory's name dev is the agent's name"
            ),
            Case("name = \"dev\"\ncredentials = []\nmanual = true"),
            Case(
                "credentials = []\nmanual = true\nmaxWorkQueueSize = 5",
                "W03 :3: maxWorkQueueSize: deprecated, use workQueueSize"
            ),
            Case(
                "credentials = []\nmanual = true\ntimezone = \"Mars/Base\"",
                "E10 :3: timezone: \"Mars/Base\" is not a time zone (write one like Europe/Berlin)"
            ),
            Case(
                "credentials = []\nmanual = true\ntimezone = \"europe/berlin\"",
                "E10 :3: timezone: \"europe/berlin\" is not a time zone (write one like Europe/Berlin) "
                    + "— did you mean \"Europe/Berlin\"?"
            ),
            Case(
                "credentials = []\nmanual = true\nschedule = 2026-01-01",
                "E17 :3: schedule: a date is legal only inside params*"
            ).plus("E18 :3: schedule: *"),
            Case("credentials = []\nmanual = true\n[params]\nday = 2026-01-01\n[params.deep]\nat = 10:00:00"),
        ]
    )
    func mistakes(_ mistake: Case) throws {
        try Self.expect(mistake, in: try Self.problems(agent: mistake.agent))
    }

    @Test(
        "Triggers are checked against their source and its provider",
        arguments: [
            Case("credentials = []\n[[webhooks]]\nsource = \"gh\"\nevents = [\"issues\"]\norg = \"acme\""),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"hg\"",
                "E14 :3: webhooks[0].source: \"hg\" is not defined in [webhooks]. Defined: gh, se — did you mean \"gh\"?"
            ),
            Case("credentials = []\n[[webhooks]]\n", "E17 :2: webhooks[0].source: is missing. Defined: gh, se"),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"gh\"\nevents = [\"isues\"]",
                "W06 :4: webhooks[0].events: \"isues\" is not among the usual values of github — did you mean \"issues\"?"
            ),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"gh\"\nrepos = [\"app\"]",
                "W06 :4: webhooks[0].repos: \"app\" does not look like owner/name and will match nothing"
            ),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"gh\"\nlabels = [\"a\", \"b\"]",
                "W06 :4: webhooks[0].labels: all 2 labels must be on the event; to take any one of them use labelsAny"
            ),
            Case("credentials = []\n[[webhooks]]\nsource = \"gh\"\nlabelsAny = [\"a\", \"b\"]"),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"gh\"\n[[webhooks]]\nsource = \"gh\"\nrepository = [\"a\"]",
                "E15 :6: webhooks[1].repository: not a filter of github (events, actions, repos, org, orgs, labels, "
                    + "labelsAny, assignee, author, branches, conclusions) — did you mean \"repos\"?"
            ),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"se\"\nrepository = [\"a\"]",
                "E15 :4: webhooks[0].repository: not a filter of sentry (resources)"
            ),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"gh\"\norganization = \"a\"",
                "E15 :4: webhooks[0].organization: not a filter of github (*) — did you mean \"org\"?"
            ),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"gh\"\nevents = \"issues\"",
                "W08 :4: webhooks[0].events: a list is expected, taken as [\"issues\"]"
            ),
            Case(
                "credentials = []\n[[webhooks]]\nsource = \"gh\"\nevents = [1]",
                "E17 :4: webhooks[0].events: expected a list of texts, found [1]"
            ),
            Case(
                "credentials = []\nwebhooks = []",
                "E13 : Agent `dev`: nothing starts it: set schedule, add [[webhooks]], manual = true, or scale = 0"
            ),
        ]
    )
    func triggers(_ mistake: Case) throws {
        let config = Self.sources + Self.model
        try Self.expect(mistake, in: try Self.problems(agent: mistake.agent, config: config))
    }

    @Test("The operator's login is refused only where an isolated run would need it")
    func operatorsLogin() throws {
        let login = "[model]\nprovider = \"anthropic\"\nmodel = \"x\"\nauthType = \"pi_auth\"\n"
        let host = "[local]\nruntime = \"host\"\n"
        let server = "[cloud]\nprovider = \"vps\"\nhost = \"h\"\n"
        let codes = { (config: String, agent: String, runtime: RuntimeKind?) in
            let files = [
                "config.toml": config, "agents/dev/agent-config.toml": "credentials = []\n\(agent)\n\(login)",
                "agents/dev/ACTIONS.md": "x",
            ]
            let project = try TemporaryProject(files)
            let loaded = project.load(runtime: runtime)
            // A chat on this machine has the login, whatever runs have.
            #expect(loaded.agents.map(\.name.rawValue) == ["dev"])
            #expect(loaded.obstacles(to: "dev") == loaded.errors)
            return loaded.errors.map(\.code)
        }
        #expect(try codes("", "manual = true", nil) == [.modelPiAuth])
        #expect(try codes("", "scale = 0", nil) == [])
        #expect(try codes("", "manual = true", .host) == [])
        #expect(try codes(host, "manual = true", nil) == [])
        #expect(try codes(host + server, "manual = true", nil) == [.modelPiAuth])
        #expect(try codes(host + server, "manual = true", .host) == [])
    }

    @Test("An empty list of models is no model")
    func noModels() throws {
        var files = ["agents/dev/agent-config.toml": "credentials = []\nmanual = true\nmodels = []\n"]
        files["agents/dev/ACTIONS.md"] = "x"
        #expect(try TemporaryProject(files).load().problems.map(\.code) == [.modelMissing])
        files["config.toml"] = TemporaryProject.sound["config.toml"]
        let loaded = try TemporaryProject(files).load()
        #expect(loaded.problems == [])
        #expect(loaded.agents.map(\.model) == [loaded.config.model])
    }

    @Test("Who names a model or a source whose own table is wrong is not told that there is none")
    func brokenNames() throws {
        var files = TemporaryProject.sound
        files["config.toml"]? += "[models.fast]\nprovider = \"scripted\"\n[webhooks.hub]\ntype = \"githb\"\n"
        files["agents/dev/agent-config.toml"] =
            "credentials = []\nmodels = [\"fast\"]\n[[webhooks]]\nsource = \"hub\"\n"
        let project = try TemporaryProject(files)
        let loaded = project.load()
        #expect(loaded.problems.map(\.keyPath) == ["models.fast.model", "webhooks.hub.type"])
        #expect(loaded.agents == [])
        #expect(loaded.obstacles(to: "dev") == loaded.problems)
        for trigger in ["", "manual = true\n"] {
            files["agents/dev/agent-config.toml"] = "credentials = []\n\(trigger)[[webhooks]]\nsource = \"hub\"\n"
            let project = try TemporaryProject(files)
            let loaded = project.load()
            #expect(loaded.problems.map(\.keyPath) == ["models.fast.model", "webhooks.hub.type"])
            // A chat needs no trigger, and what else the agent needs is known.
            #expect(loaded.agents.map(\.name.rawValue) == ["dev"])
            #expect(loaded.fullyKnownAgents == [])
            #expect(loaded.obstacles(to: "dev") == loaded.problems)
            #expect(loaded.reload("dev", last: nil) == .invalid([]))
        }
    }

    @Test(
        "Models are checked",
        arguments: [
            Case("provider = \"openai\"\nmodel = \"x\"\nauthType = \"api_key\""),
            Case("provider = \"openai\"\nmodel = \"x\"", "W05 :3: model.authType: is missing, api_key is used"),
            Case("provider = \"scripted\"\nmodel = \"x.yaml\""),
            Case(
                "provider = \"anthropc\"\nmodel = \"x\"\nauthType = \"api_key\"",
                "E10 :4: model.provider: \"anthropc\" is unknown (anthropic, openai, groq, google, xai, mistral, "
                    + "openrouter, custom, scripted) — did you mean \"anthropic\"?"
            ),
            Case("provider = \"scripted\"", "E10 :3: model.model: is missing"),
            Case(
                "provider = \"openai\"\nmodel = \"x\"\nauthType = \"oauth_token\"",
                "E11 :6: model.authType: oauth_token works with anthropic only"
            ),
            Case(
                "provider = \"anthropic\"\nmodel = \"x\"\nauthType = \"pi_auth\"",
                "E12 :6: Agent `dev`: authType pi_auth needs the operator's own login and cannot work in an isolated "
                    + "run; use api_key or oauth_token, or start with --no-docker"
            ),
            Case(
                "provider = \"custom\"\nmodel = \"x\"\nauthType = \"api_key\"",
                "E10 :3: model.baseUrl: is missing; provider custom needs it"
            ),
            Case(
                "provider = \"anthropic\"\nmodel = \"x\"\nauthType = \"api_key\"\nthinking = \"low\"",
                "W01 :7: model.thinking: unknown key — did you mean \"thinkingLevel\"?"
            ),
        ]
    )
    func models(_ mistake: Case) throws {
        let agent = "credentials = []\nmanual = true\n[model]\n\(mistake.agent)"
        try Self.expect(mistake, in: try Self.problems(agent: agent))
    }

    @Test(
        "Preflight steps are checked before the first run",
        arguments: [
            Case("provider = \"shell\"\nparams = { command = \"true\" }"),
            Case(
                "provider = \"shel\"\nparams = {}",
                "E16 :4: preflight[0].provider: expected one of git-clone, http, shell, found \"shel\""
            ),
            Case("provider = \"shell\"", "E16 :3: preflight[0].params: expected a table, it is missing"),
            Case(
                "provider = \"http\"\nparams = { url = \"https://x\" }",
                "E16 :5: preflight[0].params.output: expected text, it is missing"
            ),
            Case(
                "provider = \"git-clone\"\nparams = { repo = \"a/b\", dest = \"b\", depth = 0 }",
                "E16 :5: preflight[0].params.depth: expected a whole number ≥ 1, found 0"
            ),
            Case(
                "provider = \"http\"\nparams = { url = \"u\", output = \"o\", headers = { a = 1 } }",
                "E16 :5: preflight[0].params.headers: expected a table of texts, found {\"a\":\"***\"}"
            ),
            Case(
                "provider = \"shell\"\nparams = { command = \"true\", ouptut = \"x\" }",
                "W01 :5: preflight[0].params.ouptut: unknown key — did you mean \"output\"?"
            ),
        ]
    )
    func preflight(_ mistake: Case) throws {
        let agent = "credentials = []\nmanual = true\n[[preflight]]\n\(mistake.agent)"
        try Self.expect(mistake, in: try Self.problems(agent: agent))
    }

    @Test(
        "Policies, model chains and tool servers are checked; an egress list, not enforced yet, is refused",
        arguments: [
            Case("jitter = 3600"),
            Case("jitter = 3601", "E17 :3: jitter: expected a whole number 0–3600, found 3601"),
            Case("missedRuns = \"one\""),
            Case("overflow = \"reject\""),
            Case(
                "overflow = \"regect\"",
                "E10 :3: overflow: \"regect\" is unknown (drop-oldest, reject) — did you mean \"reject\"?"
            ),
            Case("concurrencyKey = \"{repo}\""),
            Case("concurrencyKey = \"{{x}} {source} {changed} {isPullRequest} {receiptId}\""),
            Case(
                "concurrencyKey = \"{reppo}#{number}\"",
                "W06 :3: concurrencyKey: {reppo} is always empty: no webhook's context has such a key — did you mean \"repo\"?"
            ),
            Case(
                "concurrencyKey = \"{zzzzzz}\"",
                "W06 :3: concurrencyKey: {zzzzzz} is always empty: no webhook's context has such a key (keys: source, *"
            ),
            Case("debounce = 0", "E17 :3: debounce: expected a whole number 1–3600, found 0"),
            Case(
                "models = [\"a\"]",
                "E25 :3: models[0]: \"a\" is not defined in [models] of config.toml. Nothing is defined there."
            ),
            Case("[mcp.x]\ncommand = [\"y\"]"),
            Case(
                "[mcp.x]\ntools = [\"y\"]",
                "E25 :3: mcp.x: \"x\" is not defined in [mcp] of config.toml. Nothing is defined there."
            ),
            Case("[limits]\nmaxCostPerDay = 1.5"),
            Case("[network]\nallow = [\"github.com\"]"),
            Case("[network]\nallow = []"),
            Case("[network]\nallow = [\"*\"]"),
            Case(
                "[network]\nallow = [\"*\", \"github.com\"]",
                "E10 :4: network.allow[0]: \"*\": expected a host, *.domain, host:port, an address or a CIDR, or \"*\" alone"
            ),
        ]
    )
    func policies(_ mistake: Case) throws {
        let agent = "credentials = []\nmanual = true\n\(mistake.agent)"
        try Self.expect(mistake, in: try Self.problems(agent: agent))
    }

    @Test("A filter with an empty text filters nothing")
    func emptyFilters() throws {
        let empty = "org = \"\"\nassignee = \"\"\nauthor = \"\"\nbranches = \"\"\nrepos = []\n"
        let files = try TemporaryProject([
            "config.toml": Self.model + Self.sources, "agents/dev/ACTIONS.md": "Work.",
            "agents/dev/agent-config.toml": "credentials = []\n[[webhooks]]\nsource = \"gh\"\n" + empty,
        ])
        let loaded = files.load()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.agents.first?.webhooks.first?.filters.values.allSatisfy(\.isEmpty) == true)
    }

    @Test("A secret stays outside only behind a list of hosts, and only of a type that can")
    func broker() throws {
        let agent = "manual = true\ncredentials = [{ ref = \"github_token\", broker = true }]\n"
        #expect(
            try Self.problems(agent: agent) == [
                "E10 agents/dev/agent-config.toml:2: credentials: `github_token` has broker = true, which needs a [network] allow: "
                    + "without one the run goes to its hosts directly"
            ]
        )
        #expect(try Self.problems(agent: agent + "network.allow = [\"*\"]\n").count == 1)
        #expect(try Self.problems(agent: agent + "network.allow = [\"api.github.com\"]\n").isEmpty)
        let key =
            "manual = true\ncredentials = [{ ref = \"git_ssh\", broker = true }]\nnetwork.allow = [\"github.com:22\"]\n"
        let facts = OutsideFacts(credentialTypes: ["github_token", "git_ssh"], brokeredTypes: ["github_token"])
        #expect(
            try Self.problems(agent: key, facts: facts) == [
                "E10 agents/dev/agent-config.toml:2: credentials[0].broker: git_ssh cannot stay outside of a run; these can: github_token"
            ]
        )
    }

    @Test("That a secret stays outside is read, and survives on its way into a run")
    func brokered() throws {
        let agent =
            "manual = true\ncredentials = [\"aws\", { ref = \"github_token:work\", broker = true }]\nnetwork.allow = []\n"
        let files = try TemporaryProject([
            "config.toml": Self.model, "agents/dev/agent-config.toml": agent, "agents/dev/ACTIONS.md": "Work.",
        ])
        let config = try #require(files.load().agents.first)
        #expect(config.credentials.map(\.isBrokered) == [false, true])
        #expect(try AgentConfig(json: config.json).credentials == config.credentials)
    }

    /// The lines of a project with one agent, `dev`, whose ACTIONS.md exists.
    private static func problems(
        agent: String,
        config: String = model,
        facts: OutsideFacts = OutsideFacts()
    ) throws -> [String] {
        let files = try TemporaryProject([
            "config.toml": config, "agents/dev/agent-config.toml": agent, "agents/dev/ACTIONS.md": "Work.",
        ])
        return files.load(facts: facts).problems.map { "\($0.code.id) \($0)" }
    }

    /// Compares lines; `*` in an expected line stands for any text.
    private static func expect(_ mistake: Case, in lines: [String]) throws {
        let expected = mistake.lines.map { line in
            let (id, rest) = (line.prefix(3), line.dropFirst(4))
            return rest.hasPrefix(": ") || rest.hasPrefix(":") ? "\(id) \(file)\(rest)" : String(line)
        }
        #expect(lines.count == expected.count, "\(lines)")
        for (line, pattern) in zip(lines, expected) {
            #expect(matches(line, pattern), "\(line) against \(pattern)")
        }
    }

    private static func matches(_ line: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        // A cron expression is full of stars: only a trailing one, or one in brackets, is a wildcard.
        if pattern.hasSuffix("*") { return line.hasPrefix(pattern.dropLast()) }
        if parts.count == 2, pattern.contains("(*)") { return line.hasPrefix(parts[0]) && line.hasSuffix(parts[1]) }
        return line == pattern
    }
}

extension AgentValidationTests.Case {
    /// The same case with one more line expected, before the others.
    fileprivate func plus(_ line: String) -> Self {
        .init(agent: agent, lines: [line] + lines)
    }

    private init(agent: String, lines: [String]) {
        self.agent = agent
        self.lines = lines
    }
}
