import Domain
import Testing

@testable import Webhooks

/// A filter with values that fit the context, values that do not, and what happens without the key it looks at.
struct FilterCase: Sendable, CustomTestStringConvertible {
    let type: String
    let filter: String
    let fits: [String]
    let fails: [String]
    let key: String
    let passesAbsent: Bool
    let subject: String

    init(
        _ type: String,
        _ filter: String,
        _ fits: [String],
        _ fails: [String],
        key: String,
        absent passesAbsent: Bool = false,
        as subject: String
    ) {
        self.type = type
        self.filter = filter
        self.fits = fits
        self.fails = fails
        self.key = key
        self.passesAbsent = passesAbsent
        self.subject = subject
    }

    var testDescription: String { "\(type) \(filter)" }

    var context: JSONValue { Self.contexts[type] ?? Self.common }

    private static let common: JSONValue = [
        "event": "issues", "action": "opened", "repo": "Acme/App", "labels": ["bug", "urgent"], "assignee": "Ann",
        "author": "Bob", "branch": "main", "conclusion": "failure",
    ]
    private static let contexts: [String: JSONValue] = [
        "slack": ["event": "message", "repo": "T1", "comment": "channel:C1"],
        "discord": ["event": "application_command", "repo": "G1", "branch": "C1", "title": "deploy"],
    ]

    static let all: [FilterCase] = [
        .init("github", "events", ["push", "issues"], ["push", "Issues"], key: "event", as: "event"),
        .init("github", "actions", ["opened"], ["closed", "Opened"], key: "action", as: "action"),
        .init("github", "repos", ["acme/app"], ["acme/other", "app"], key: "repo", as: "repo"),
        .init("github", "org", ["ACME"], ["acm"], key: "repo", as: "org"),
        .init("github", "orgs", ["other", "Acme"], ["App"], key: "repo", as: "org"),
        .init("github", "labels", ["bug", "urgent"], ["bug", "other"], key: "labels", as: "label"),
        .init("github", "labelsAny", ["bug", "other"], ["other"], key: "labels", as: "labelsAny"),
        .init("github", "assignee", ["ann"], ["bob"], key: "assignee", as: "assignee"),
        .init("github", "author", ["BOB"], ["ann"], key: "author", as: "author"),
        .init("github", "branches", ["main"], ["Main"], key: "branch", absent: true, as: "branch"),
        .init("github", "conclusions", ["failure"], ["success"], key: "conclusion", absent: true, as: "conclusion"),
        .init("sentry", "resources", ["issues", "error"], ["error"], key: "event", as: "resource"),
        .init("linear", "events", ["issues"], ["project"], key: "event", as: "event"),
        .init("linear", "actions", ["opened"], ["create"], key: "action", as: "action"),
        .init("linear", "organizations", ["Acme/App"], ["acme/app"], key: "repo", as: "organization"),
        .init("linear", "labels", ["urgent"], ["urgent", "x"], key: "labels", as: "label"),
        .init("linear", "labelsAny", ["urgent", "x"], ["x"], key: "labels", as: "labelsAny"),
        .init("linear", "assignee", ["Ann"], ["ann"], key: "assignee", as: "assignee"),
        .init("linear", "author", ["Bob"], ["bob"], key: "author", as: "author"),
        .init("mintlify", "events", ["issues"], ["build"], key: "event", as: "event"),
        .init("mintlify", "actions", ["opened"], ["failed"], key: "action", as: "action"),
        .init("mintlify", "projects", ["Acme/App"], ["acme/app"], key: "repo", as: "project"),
        .init("mintlify", "repos", ["Acme/App"], ["x"], key: "repo", as: "project"),
        .init("mintlify", "branches", ["main"], ["dev"], key: "branch", absent: true, as: "branch"),
        .init("test", "events", ["issues"], ["push"], key: "event", as: "event"),
        .init("test", "actions", ["opened"], ["closed"], key: "action", as: "action"),
        .init("test", "repos", ["Acme/App"], ["acme/app"], key: "repo", as: "repo"),
        .init("slack", "events", ["message"], ["app_mention"], key: "event", as: "event"),
        .init("slack", "channels", ["C1", "C2"], ["channel:C1"], key: "comment", as: "channel"),
        .init("slack", "team_ids", ["T1"], ["t1"], key: "repo", as: "team"),
        .init("discord", "events", ["application_command"], ["autocomplete"], key: "event", as: "event"),
        .init("discord", "guilds", ["G1"], ["G2"], key: "repo", as: "guild"),
        .init("discord", "channels", ["C1"], ["C2"], key: "branch", as: "channel"),
        .init("discord", "commands", ["deploy"], ["Deploy"], key: "title", as: "command"),
        .init("generic", "events", ["issues"], ["push"], key: "event", as: "event"),
        .init("generic", "actions", ["opened"], ["closed"], key: "action", as: "action"),
        .init("generic", "repos", ["Acme/App"], ["acme/app"], key: "repo", as: "repo"),
        .init("generic", "org", ["Acme"], ["acme"], key: "repo", as: "org"),
        .init("generic", "orgs", ["Acme"], ["acme"], key: "repo", as: "org"),
        .init("generic", "labels", ["bug"], ["Bug"], key: "labels", as: "label"),
        .init("generic", "labelsAny", ["bug", "x"], ["Bug"], key: "labels", as: "labelsAny"),
        .init("generic", "assignee", ["Ann"], ["ann"], key: "assignee", as: "assignee"),
        .init("generic", "author", ["Bob"], ["bob"], key: "author", as: "author"),
        .init("generic", "branches", ["main"], ["Main"], key: "branch", absent: true, as: "branch"),
        .init("generic", "conclusions", ["failure"], ["success"], key: "conclusion", absent: true, as: "conclusion"),
    ]
}

@Suite("4. Filters")
struct FilterTests {
    private func refused(
        _ filters: [String: [String]],
        _ context: JSONValue,
        _ type: String = "github"
    ) -> FilterRefusal? {
        refusal(of: WebhookTriggerConfig(source: "s", filters: filters), type: type, context: context)
    }

    @Test("each field: match, mismatch, key absent, empty list", arguments: FilterCase.all)
    func matrix(row: FilterCase) {
        var absent = row.context
        let found = absent[row.key]
        absent[row.key] = nil
        #expect(refused([row.filter: row.fits], row.context, row.type) == nil)
        let mismatch = refused([row.filter: row.fails], row.context, row.type)
        #expect(mismatch?.filter == row.subject && mismatch?.expected == row.fails)
        #expect(mismatch?.found != nil && found != nil)
        #expect((refused([row.filter: row.fits], absent, row.type) == nil) == row.passesAbsent)
        #expect(refused([row.filter: []], absent, row.type) == nil)
        #expect(refused([:], row.context, row.type) == nil)
    }

    @Test("the matrix has every filter of every provider")
    func complete() {
        let defined = WebhookRegistry.all.flatMap { provider in provider.filters.map { "\(provider.type) \($0.key)" } }
        #expect(Set(defined) == Set(FilterCase.all.map(\.testDescription)))
        #expect(defined.count == FilterCase.all.count)
    }

    @Test("adding a filter never turns a refusal into a match", arguments: WebhookRegistry.types)
    func monotone(type: String) {
        let rows = FilterCase.all.filter { $0.type == type }
        let choices = rows.flatMap { [($0, $0.fits), ($0, $0.fails)] }
        for (first, values) in choices {
            for (second, others) in choices where first.subject != second.subject {
                // Two keys with one subject widen each other: their values form one list.
                guard refused([first.filter: values], first.context, type) != nil else { continue }
                let both = refused([first.filter: values, second.filter: others], first.context, type)
                #expect(both != nil, "\(first.filter) + \(second.filter)")
            }
        }
    }

    @Test("keys with one subject are one filter with the values of both")
    func unions() {
        let context = FilterCase.all[0].context
        #expect(refused(["org": ["x"], "orgs": ["acme"]], context) == nil)
        #expect(refused(["org": ["x"], "orgs": ["y"]], context)?.expected == ["x", "y"])
        #expect(refused(["org": ["acme"], "repos": ["acme/other"]], context)?.filter == "repo")
        #expect(refused(["projects": ["x"], "repos": ["Acme/App"]], context, "mintlify") == nil)
    }

    @Test("a workflow run without conclusion fails a conclusions filter, other events without one pass")
    func workflowRun() {
        let requested: JSONValue = ["event": "workflow_run", "repo": "a/b", "conclusion": .null]
        #expect(
            refused(["conclusions": ["failure"]], requested)
                == FilterRefusal(filter: "conclusion", expected: ["failure"], found: .null)
        )
        #expect(refused(["conclusions": ["failure"]], ["event": "check_run", "conclusion": .null]) == nil)
    }

    @Test("commands of Discord filter commands and completions, not buttons and forms")
    func discordCommands() {
        for (event, passes) in [
            ("application_command", false), ("autocomplete", false), ("message_component", true),
            ("modal_submit", true),
        ] {
            let context: JSONValue = ["event": .string(event), "title": "other"]
            #expect((refused(["commands": ["deploy"]], context, "discord") == nil) == passes, "\(event)")
        }
    }

    @Test("verdicts name the filter, the source or the type for every trigger of every active agent")
    func verdictsOfAgents() throws {
        var dev = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "m"))
        dev.webhooks = [
            .init(source: "g", filters: ["events": ["push"]]), .init(source: "g"), .init(source: "other"),
            .init(source: "s"),
        ]
        var off = dev
        off.name = try AgentName("off")
        off.scale = 0
        let sources: [String: WebhookSourceConfig] = [
            "g": .init(type: "github"), "other": .init(type: "github"), "s": .init(type: "sentry"),
        ]
        let found = verdicts(
            of: [dev, off],
            sources: sources,
            type: "github",
            hearers: ["g"],
            context: ["event": "issues"],
            includesOtherTypes: true
        )
        #expect(
            found.map(\.refusal) == [
                FilterRefusal(filter: "event", expected: ["push"], found: "issues"), nil,
                FilterRefusal(filter: "source", expected: ["other"], found: "g"),
                FilterRefusal(filter: "type", expected: ["sentry"], found: "github"),
            ]
        )
        #expect(found.map(\.trigger) == [0, 1, 2, 3])
        #expect(found.compactMap { TriggerVerdict(json: $0.json) } == found)
    }

    @Test("a form field is decoded byte by byte")
    func form() {
        let value = FormBody.value(of: "payload", in: Array("a=1&payload=%7B%22a%22%3A+1%7D&b".utf8))
        #expect(value.map { String(decoding: $0, as: UTF8.self) } == #"{"a": 1}"#)
        #expect(FormBody.value(of: "payload", in: Array("payloads=1".utf8)) == nil)
        #expect(FormBody.value(of: "payload", in: Array("payload=%zz".utf8)) == nil)
        #expect(FormBody.value(of: "payload", in: Array("payload=%4".utf8)) == nil)
    }
}
