import Domain
import Foundation
import Project
import Testing

/// One broken project and the line it draws.
struct BrokenProject: Sendable, CustomTestStringConvertible {
    let code: ProblemCode
    /// What differs from a sound project.
    let files: [String: String]
    /// `<home>` stands for the user's directory.
    let line: String

    /// Replaces the agent's file.
    static func agent(_ code: ProblemCode, _ text: String, _ line: String) -> BrokenProject {
        let text = text.contains("credentials") ? text : "credentials = []\n" + text
        return .init(
            code: code,
            files: ["agents/dev/agent-config.toml": text],
            line: "agents/dev/agent-config.toml" + line
        )
    }

    /// Adds to the project's file, whose line 4 this begins with.
    static func config(_ code: ProblemCode, _ text: String, _ line: String) -> BrokenProject {
        let text = (TemporaryProject.sound["config.toml"] ?? "") + text
        return .init(code: code, files: ["config.toml": text], line: "config.toml" + line)
    }

    var testDescription: String { "\(code.id) \(line)" }
}

@Suite("Validation of a project")
struct ValidationTests {
    @Test("A sound project draws no problem")
    func sound() throws {
        let loaded = try TemporaryProject(TemporaryProject.sound).load()
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.agents.map(\.name.rawValue) == ["dev"])
        #expect(loaded.agents.first?.instructions == "Work.\n")
        #expect(loaded.missingAgents == nil)
    }

    static let webhook = "[webhooks.hub]\ntype = \"github\"\n"
    static let trigger = "[[webhooks]]\nsource = \"hub\"\n"

    static let cases: [BrokenProject] = [
        .config(
            .configBadValue,
            "[webhooks.\"\"]\ntype = \"github\"\n",
            ":4: webhooks.\"\": a source needs a name that is not empty"
        ),
        .init(
            code: .agentBadName,
            files: ["agents/Bad_Name/agent-config.toml": ""],
            line: "agents/Bad_Name: \"Bad_Name\" cannot be an agent name: use 1–63 of a–z, 0–9 and \"-\", "
                + "starting and ending with a letter or digit"
        ),
        .init(
            code: .agentBadName,
            files: ["agents/default/agent-config.toml": ""],
            line: "agents/default: \"default\" is reserved"
        ),
        .init(
            code: .environmentNotFound,
            files: [".env.toml": "environment = \"prod\"\n", "~/environments/prd.toml": ""],
            line: "No environment `prod` (looked for <home>/environments/prod.toml). Known: prd. "
                + "Create it with: al env init prod -t server — did you mean \"prd\"?"
        ),
        .init(
            code: .environmentBadName,
            files: [".env.toml": "environment = \"../x\"\n"],
            line: "`../x` cannot be an environment name"
        ),
        .config(
            .configBadValue,
            "[webhooks.x]\ntype = \"githb\"\n",
            ":5: webhooks.x.type: \"githb\" is unknown (github, sentry, linear, mintlify, test, slack, discord, generic)"
                + " — did you mean \"github\"?"
        ),
        .agent(
            .configBadValue,
            "manual = true\ntimezone = \"Mars/Base\"\n",
            ":3: timezone: \"Mars/Base\" is not a time zone (write one like Europe/Berlin)"
        ),
        .agent(
            .modelAuthType,
            "manual = true\n[model]\nprovider = \"openai\"\nmodel = \"m\"\nauthType = \"oauth_token\"\n",
            ":6: model.authType: oauth_token works with anthropic only"
        ),
        .agent(
            .modelPiAuth,
            "manual = true\n[model]\nprovider = \"anthropic\"\nmodel = \"m\"\nauthType = \"pi_auth\"\n",
            ":6: Agent `dev`: authType pi_auth needs the operator's own login and cannot work in an isolated run; "
                + "use api_key or oauth_token, or start with --no-docker"
        ),
        .agent(
            .agentNoTrigger,
            "",
            ": Agent `dev`: nothing starts it: set schedule, add [[webhooks]], manual = true, or scale = 0"
        ),
        .init(
            code: .webhookUnknownSource,
            files: [
                "config.toml": (TemporaryProject.sound["config.toml"] ?? "") + webhook,
                "agents/dev/agent-config.toml": "credentials = []\n\n[[webhooks]]\nsource = \"hbu\"\n",
            ],
            line: "agents/dev/agent-config.toml:4: webhooks[0].source: \"hbu\" is not defined in [webhooks]. "
                + "Defined: hub — did you mean \"hub\"?"
        ),
        .init(
            code: .configIllegalKey,
            files: [
                "config.toml": (TemporaryProject.sound["config.toml"] ?? "") + webhook,
                "agents/dev/agent-config.toml": "credentials = []\n" + trigger + trigger + "label = [\"bug\"]\n",
            ],
            line: "agents/dev/agent-config.toml:6: webhooks[1].label: not a filter of github (events, actions, repos, "
                + "org, orgs, labels, labelsAny, assignee, author, branches, conclusions) — did you mean \"labels\"?"
        ),
        .agent(
            .preflightInvalid,
            "manual = true\n[[preflight]]\nprovider = \"git-clone\"\n[preflight.params]\nrepo = \"a/b\"\n",
            ":5: preflight[0].params.dest: expected text, it is missing"
        ),
        .agent(
            .preflightInvalid,
            "manual = true\n[[preflight]]\nprovider = \"bash\"\nparams = {}\n",
            ":4: preflight[0].provider: expected one of git-clone, http, shell, found \"bash\""
        ),
        .agent(
            .configBadType,
            "manual = true\nscale = \"two\"\n",
            ":3: scale: expected a whole number ≥ 0, found \"two\""
        ),
        .config(
            .configBadType,
            "[gateway]\nport = 70000\n",
            ":5: gateway.port: expected a whole number 1–65535, found 70000"
        ),
        .agent(
            .scheduleInvalid,
            "schedule = \"61 * * * *\"\n",
            ":2: schedule: \"61 * * * *\": minute \"61\": a number 0–59, a range \"a-b\", or \"*\""
        ),
        .init(
            code: .agentScaleOverLimit,
            files: [
                "config.toml": "scale = 3\n" + (TemporaryProject.sound["config.toml"] ?? ""),
                "agents/dev/agent-config.toml": "credentials = []\nmanual = true\nscale = 5\n",
            ],
            line: "agents/dev/agent-config.toml:3: Agent `dev`: scale 5 is above the project's 3"
        ),
        .init(
            code: .modelMissing,
            files: ["config.toml": ""],
            line: "agents/dev/agent-config.toml: Agent `dev`: no [model] here or in config.toml"
        ),
        .agent(
            .credentialBadReference,
            "manual = true\ncredentials = [\"aws\",\n  \"..:..\"]\n",
            ":3: credentials[1]: `..:..` is not a credential reference. Write type or type:instance"
        ),
        .agent(
            .configUnknownKey,
            "manual = true\ncron = \"* * * * *\"\n",
            ":3: cron: unknown key — did you mean \"schedule\"?"
        ),
        .config(
            .configUnknownKey,
            "[gateway]\nprot = 1\n",
            ":5: gateway.prot: unknown key — did you mean \"port\"?"
        ),
        .config(
            .configNoEffect,
            "[state]\nengine = \"postgres\"\nurl = \"postgresql://db/al\"\n",
            ":5: state.engine: not supported yet, has no effect: the state is kept in .al/state.db"
        ),
        .agent(
            .configNoEffect,
            "manual = true\nname = \"other\"\n",
            ":3: name: has no effect: the directory's name dev is the agent's name"
        ),
        .init(
            code: .configDeprecated,
            files: ["config.toml": "maxTriggerDepth = 2\n" + (TemporaryProject.sound["config.toml"] ?? "")],
            line: "config.toml:1: maxTriggerDepth: deprecated, use maxCallDepth"
        ),
        .config(
            .localIsolation,
            "[local]\nenabled = false\n",
            ":5: local.enabled: isolation cannot be switched off, it stays on"
        ),
        .init(
            code: .configDefaulted,
            files: ["agents/dev/agent-config.toml": "manual = true\n"],
            line: "agents/dev/agent-config.toml: credentials: is missing, [] is used"
        ),
        .init(
            code: .configUnusual,
            files: [
                "agents/gateway/agent-config.toml": "credentials = []\nmanual = true\n",
                "agents/gateway/ACTIONS.md": "x",
            ],
            line: "agents/gateway: log files and al logs use the name `gateway` for something else"
        ),
        .init(
            code: .configUnusual,
            files: ["agents/ops/agent-config.toml": "credentials = []\nmanual = true\n"],
            line: "agents/ops/ACTIONS.md: is missing; the agent runs with neutral instructions"
        ),
        .init(
            code: .agentTwoPlaces,
            files: ["dev/agent-config.toml": "credentials = []\nmanual = true\n"],
            line: "dev: agents/dev has the same name and is used; remove one of them"
        ),
        .agent(
            .configListExpected,
            "manual = true\ncredentials = \"aws\"\n",
            ":2: credentials: a list is expected, taken as [\"aws\"]"
        ),
    ]

    @Test("Each problem is one line that says where it is and what to do", arguments: cases)
    func problem(broken: BrokenProject) throws {
        let project = try TemporaryProject(TemporaryProject.sound.merging(broken.files) { $1 })
        let loaded = project.load()
        let expected = broken.line.replacing("<home>", with: project.home)
        #expect(loaded.problems.map(\.description) == [expected])
        #expect(loaded.problems.map(\.code) == [broken.code])
        #expect(loaded.errors.isEmpty == !broken.code.stopsStart)
    }

    @Test("An agent's directory is not a project", arguments: ["agent-config.toml", "ACTIONS.md"])
    func agentDirectory(file: String) throws {
        let project = try TemporaryProject([file: ""])
        let loaded = project.load()
        #expect(
            loaded.problems.map(\.description) == [
                "`\(project.path)` is an agent's directory. Run this from the project (the directory that contains agents/)."
            ]
        )
        #expect(loaded.problems.map(\.code.id) == ["E01"])
    }

    @Test("A syntax error shows the line without its value, with a caret, and the rest is checked all the same")
    func syntax() throws {
        var files = TemporaryProject.sound
        files["agents/ops/agent-config.toml"] = "manual = true\nscale = = 2\n"
        let loaded = try TemporaryProject(files).load()
        let problem = try #require(loaded.problems.first)
        #expect(loaded.problems.count == 1)
        #expect(problem.code.id == "E03")
        #expect(problem.line == 2)
        #expect(problem.description.hasPrefix("agents/ops/agent-config.toml:2:"))
        let column = try #require(problem.column)
        let caret = String(repeating: " ", count: column - 1) + "^"
        #expect(problem.text.hasPrefix("not valid TOML: "))
        #expect(problem.text.hasSuffix("\n    scale = = ***\n    \(caret)"))
        #expect(loaded.agents.map(\.name.rawValue) == ["dev"])
    }

    @Test(
        "A table's name that begins with a dot is refused, in a text it is fine",
        arguments: ["[.a]", "[[ .a]]", "  [ .a.b]"]
    )
    func leadingDot(header: String) throws {
        let broken = try TemporaryProject(["config.toml": "maxReruns = 1\n\(header)\nb = 1\n"]).load()
        #expect(broken.problems.map(\.code) == [.configSyntax])
        #expect(broken.problems.first?.line == 2)
        let text = "credentials = []\nmanual = true\n[params]\nx = \"\"\"\n\(header)\n\"\"\"\n"
        let files = TemporaryProject.sound.merging(["agents/dev/agent-config.toml": text]) { $1 }
        #expect(try TemporaryProject(files).load().problems.map(\.description) == [])
    }

    @Test("A project without agents is fine until a command needs them")
    func noAgents() throws {
        let loaded = try TemporaryProject().load()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.missingAgents?.code.id == "E26")
        #expect(loaded.missingAgents?.description == "No agents in agents/. Create one with: al agent new")
    }

    @Test("Problems of several files come together, sorted by file and line")
    func several() throws {
        var files = TemporaryProject.sound
        files["config.toml"] = "workQueueSize = 0\nscle = 1\n" + (TemporaryProject.sound["config.toml"] ?? "")
        files["agents/dev/agent-config.toml"] = "credentials = []\nmanual = 1\ntimeout = 0\nscale = -1\n"
        files["agents/ops/agent-config.toml"] = "credentials = []\nschedule = \"@daily\"\n"
        files["agents/ops/ACTIONS.md"] = "x"
        let loaded = try TemporaryProject(files).load()
        #expect(
            loaded.problems.map(\.description) == [
                "agents/dev/agent-config.toml: Agent `dev`: nothing starts it: set schedule, add [[webhooks]], manual = true, "
                    + "or scale = 0",
                "agents/dev/agent-config.toml:2: manual: expected true or false, found 1",
                "agents/dev/agent-config.toml:3: timeout: expected a whole number ≥ 1, found 0",
                "agents/dev/agent-config.toml:4: scale: expected a whole number ≥ 0, found -1",
                "config.toml:1: workQueueSize: expected a whole number ≥ 1, found 0",
                "config.toml:2: scle: unknown key — did you mean \"scale\"?",
            ]
        )
        #expect(loaded.agents.map(\.name.rawValue) == ["ops"])
        #expect(loaded.agentDirectories == ["dev", "ops"])
    }
}
