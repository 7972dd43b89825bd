import Credentials
import Domain
import Foundation
import Storage
import Testing
import Webhooks

@testable import al

@Suite("al webhook", .timeLimit(.minutes(5))) struct WebhookCommandTests {
    private static let config = """
        [model]
        provider = "scripted"
        model = "script.yaml"
        [webhooks.hub]
        type = "github"
        [webhooks.chat]
        type = "discord"
        """
    private static let agent = """
        credentials = []
        [[webhooks]]
        source = "hub"
        events = ["issues"]
        [[webhooks]]
        source = "hub"
        events = ["push"]
        [[webhooks]]
        source = "chat"
        """

    private func project(_ body: (AlProcess) async throws -> Void) async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", Self.config)
            try al.write("agents/dev/agent-config.toml", Self.agent)
            try al.write("agents/dev/ACTIONS.md", "Work.\n")
            try al.write("agents/dev/script.yaml", "turns: []\n")
            let body_ = #"{"action":"opened","issue":{"number":7,"title":"T"},"repository":{"full_name":"a/b"}}"#
            try al.write("issue.json", body_)
            try al.write("recorded.json", #"{"headers":{"x-github-event":"push"},"body":\#(body_)}"#)
            try await body(al)
        }
    }

    @Test("test says for every trigger whether it matches and which filter said no, without a scheduler")
    func verdicts() async throws {
        try await project { al in
            let result = try await al.run(
                "webhook",
                "test",
                "dev",
                "--file",
                "issue.json",
                "--source",
                "hub",
                "--event",
                "issues",
                "--json"
            )
            #expect(result.code == 0 && result.error.isEmpty)
            let answer = try JSONValue(parsing: result.output)
            #expect(answer["context"]?["number"] == 7)
            let verdicts = try #require(answer["verdicts"]?.arrayValue)
            #expect(verdicts.map { $0["matched"]?.boolValue } == [true, false, false])
            #expect(verdicts[1].compactText.hasSuffix(#""filter":"event","expected":["push"],"found":"issues"}"#))
            #expect(verdicts[2]["filter"] == "type")
            let recorded = try await al.run("webhook", "test", "--file", "recorded.json", "--source", "hub")
            #expect(recorded.output.contains("no: event must be issues; found push"))
        }
    }

    @Test("of labels, which must all be there, the missing ones are named; a source that nobody defined is an error")
    func labelsAndSources() async throws {
        try await project { al in
            let trigger = "credentials = []\n[[webhooks]]\nsource = \"hub\"\nlabels = [\"bug\", \"x\", \"y\"]\n"
            try al.write("agents/dev/agent-config.toml", trigger)
            let issue = #"{"number":7,"title":"T","labels":[{"name":"bug"}]}"#
            try al.write("labels.json", #"{"action":"opened","issue":\#(issue),"repository":{"full_name":"a/b"}}"#)
            let test = ["webhook", "test", "--file", "labels.json", "--source", "hub", "--event", "issues"]
            #expect(try await al.run(test).output.contains("no: labels must all be there; missing: x, y"))
            try al.write("config.toml", Self.config + "\n[gateway]\nport = 1\n")
            _ = try SQLiteStore(path: al.directory + "/.al/state.db")
            let unknown = try await al.run("webhook", "list", "--source", "nope")
            #expect(unknown.code == 1 && unknown.error.contains("Source \"nope\" is not defined in [webhooks]"))
            let known = try await al.run("webhook", "list", "--source", "hub")
            #expect(known.code == 0 && known.output == "No deliveries.\n", "\(known.error)")
        }
    }

    @Test("mistakes are explained")
    func mistakes() async throws {
        try await project { al in
            let rows: [([String], String)] = [
                (["test", "--file", "issue.json", "--source", "hub"], "Add --event <name>"),
                (
                    ["test", "--file", "issue.json", "--event", "x"],
                    "Which source? Add --source <name>. Defined: chat, hub."
                ),
                (["test", "--file", "none.json", "--source", "hub"], "none.json cannot be read"),
                (["send", "nothing", "issues"], "Source \"nothing\" is not defined in [webhooks]"),
                (["send", "hub", ""], "it is empty"), (["send", "chat", "x"], "only the sender has the key"),
                (["send", "hub", "issues", "--set", "x"], "write key=value"),
                (["send", "hub", "issues", "--set", "action.x.y=1"], "there is no place for \"x\""),
                (["send", "hub", "issues"], "Scheduler is not running"),
                (["list"], "Scheduler is not running"), (["list", "--since", "soon"], "30m, 12h, 7d or an ISO date"),
                (["replay", "x"], "Scheduler is not running"), (["list", "--status", "x"], "--status must be one of"),
            ]
            for (arguments, text) in rows {
                let result = try await al.run(["webhook"] + arguments + (arguments[0] == "send" ? ["-p", "."] : []))
                #expect(result.code == 1 && result.error.contains(text), "\(arguments): \(result.error)")
            }
        }
    }

    @Test(
        "send warns of an event without a body of its own, names those that have one, and goes on",
        arguments: [
            (
                ["isues.opened"],
                "\"isues.opened\" has no body of its own, so a general one is sent. Did you mean issues.opened?"
            ),
            (["star"], "Events of github that have one: issues.opened, pull_request.opened, "),
            (["issues.closed"], nil), (["star", "--file", "issue.json"], nil),
        ] as [([String], String?)]
    )
    func unknownEvent(arguments: [String], warning: String?) async throws {
        try await project { al in
            let result = try await al.run(["webhook", "send", "hub"] + arguments + ["-p", "."])
            #expect(result.error.contains(warning ?? "Scheduler"), "\(result.error)")
            #expect(result.error.contains("Warning") == (warning != nil), "\(result.error)")
            // Nobody is there to take it.
            #expect(result.error.contains("Scheduler is not running"), "\(result.error)")
        }
    }

    @Test("test advises --event only where a header says the event, and takes any JSON")
    func events() async throws {
        try await AlProcess.withDirectory { al in
            try al.write(
                "config.toml",
                """
                [model]
                provider = "scripted"
                model = "script.yaml"
                [webhooks.hub]
                type = "github"
                [webhooks.desk]
                type = "linear"
                [webhooks.any]
                type = "generic"
                [webhooks.any.map]
                event = "/0/event"
                """
            )
            try al.write("agents/dev/agent-config.toml", "credentials = []\nmanual = true\n")
            try al.write("agents/dev/ACTIONS.md", "Work.\n")
            try al.write("agents/dev/script.yaml", "turns: []\n")
            try al.write("object.json", "{}")
            try al.write("array.json", #"[{"event":"e"}]"#)
            let rows: [(source: String, file: String, code: Int32, text: String)] = [
                ("hub", "object.json", 1, "Add --event <name>"),
                ("desk", "object.json", 0, "No context, as of a ping"),
                ("desk", "array.json", 0, "No context, as of a ping"),
                ("any", "object.json", 0, "No context, as of a ping"),
                ("any", "array.json", 0, #""event": "e""#),
            ]
            for row in rows {
                let result = try await al.run("webhook", "test", "--file", row.file, "--source", row.source)
                let all = result.output + result.error
                #expect(result.code == row.code && all.contains(row.text), "\(row): \(all)")
            }
            let asked = try await al.run("webhook", "test", "dev", "--file", "array.json", "--source", "any")
            #expect(asked.output.contains("Agent dev has no webhook trigger."), "\(asked.output)")
        }
    }

    @Test("replay names each delivery that cannot be repeated, repeats the others and ends with 1")
    func replays() async throws {
        try await AlProcess.withDirectory { al in
            try await FakeScheduler.serving({ request in
                if request.target.contains("gone") { return (404, #"{"error":"Delivery gone not found"}"#) }
                if request.target.contains("odd") { return (409, #"{"error":"no source of today hears it"}"#) }
                return (200, #"{"ok":true,"matched":1,"skipped":0,"replayReceiptId":"new"}"#)
            }) { port, scheduler in
                try al.write("config.toml", "[gateway]\nurl = \"http://localhost:\(port)\"\n")
                let result = try await al.run("webhook", "replay", "r1", "gone", "odd", "r2")
                #expect(result.code == 1)
                #expect(result.output.components(separatedBy: " replayed as new").count == 3, "\(result.output)")
                #expect(result.error.contains("Error: gone: Delivery gone not found"), "\(result.error)")
                #expect(result.error.contains("Error: odd: no source of today hears it"), "\(result.error)")
                #expect(scheduler.requests.count == 4)
                let json = try await al.run("webhook", "replay", "gone", "--json")
                #expect(json.code == 1)
                #expect(try JSONValue(parsing: json.output)["receiptId"] == "gone")
            }
        }
    }

    @Test(
        "show says why no trigger was asked, and who ordered a replay",
        arguments: [
            ("rejected", "None: it was refused before any trigger was asked."),
            ("ignored", "None: of such an event no trigger is asked."),
            ("unmatched", "No agent listens to this source."),
        ]
    )
    func silence(status: String, text: String) async throws {
        try await AlProcess.withDirectory { al in
            let answer = #"{"delivery":{"receiptId":"r1","status":"\#(status)","replayedBy":"api key","verdicts":[]}}"#
            try await FakeScheduler.serving({ _ in (200, answer) }) { port, _ in
                try al.write("config.toml", "[gateway]\nurl = \"http://localhost:\(port)\"\n")
                let result = try await al.run("webhook", "show", "r1")
                #expect(result.output.contains("Verdicts:\n  \(text)\n"), "\(result.output)")
                #expect(result.output.contains("Replayed by: api key"))
            }
        }
    }

    @Test("a change is a path with dots and a TOML value, or a text")
    func changes() throws {
        var body: JSONValue = ["issue": ["number": 1, "labels": [["name": "a"]]], "assignee": .null]
        let changes = [
            "issue.number=7", "issue.title=plain text", "issue.body=\"quoted = text\"", "issue.labels.0.name=b",
            "new.deep=[1, \"x\"]", "assignee.login=ann", "draft=true",
        ]
        for change in changes { try BodyChange(change).apply(to: &body) }
        #expect(
            body.compactText == #"{"issue":{"number":7,"labels":[{"name":"b"}],"title":"plain text","#
                + #""body":"quoted = text"},"assignee":{"login":"ann"},"new":{"deep":[1,"x"]},"draft":true}"#
        )
    }

    @Test("the catalogue of credentials knows the secret of every provider", arguments: WebhookRegistry.types)
    func secrets(type: String) {
        #expect(CredentialCatalog.webhookSecret(of: type)?.type == WebhookRegistry.provider(of: type)?.secretType)
    }
}
