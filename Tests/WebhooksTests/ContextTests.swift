import Domain
import Foundation
import TestSupport
import Testing

@testable import Webhooks

/// A payload and the exact context that it must become.
struct ContextCase: Sendable, CustomTestStringConvertible {
    let name: String
    let type: String
    var format: GenericWebhookFormat?
    var headers: [(name: String, value: String)] = []
    let body: String
    /// `nil`: nothing an agent could use.
    let context: String?

    var testDescription: String { "\(type): \(name)" }
}

@Suite("3. Payloads become contexts with exactly these keys in this order") struct ContextTests {
    private static let time = #""timestamp":"2024-03-17T18:26:40.500Z""#

    private static func sentry(_ resource: String, _ data: String, _ repo: String, _ keys: String) -> ContextCase {
        ContextCase(
            name: resource,
            type: "sentry",
            headers: [("Sentry-Hook-Resource", resource)],
            body: #"{"action":"created","actor":{"type":"user","name":"Ann"},"data":\#(data)}"#,
            context: #"{"source":"sentry","event":"\#(resource)","action":"created","repo":"\#(repo)","sender":"Ann","#
                + #"\#(time)\#(keys)}"#
        )
    }

    static let sentry: [ContextCase] = [
        sentry(
            "event_alert",
            #"{"triggered_rule":"r","event":{"title":"T","web_url":"u","message":"m"}}"#,
            "r",
            #","title":"T","url":"u","body":"m""#
        ),
        sentry(
            "metric_alert",
            #"{"metric_alert":{"title":"T","web_url":"u","organization":{"slug":"o"}},"description_text":"d"}"#,
            "o",
            #","title":"T","url":"u","body":"d""#
        ),
        sentry(
            "metric_alert",
            #"{"metric_alert":{"title":"T","alert_rule":{"projects":["p"]}},"web_url":"w"}"#,
            "p",
            #","title":"T","url":"w""#
        ),
        sentry(
            "issue",
            #"{"issue":{"title":"T","permalink":"u","project":{"slug":"p"},"assignedTo":{"name":"Bob"}}}"#,
            "p",
            #","title":"T","url":"u","assignee":"Bob""#
        ),
        sentry(
            "error",
            #"{"error":{"title":"T","web_url":"u","message":"m","project":{"slug":"p"}}}"#,
            "p",
            #","title":"T","url":"u","body":"m""#
        ),
        sentry(
            "comment",
            #"{"issue":{"title":"T","web_url":"u","project":{"slug":"p"}},"comment":{"text":"c"}}"#,
            "p",
            #","title":"T","url":"u","comment":"c""#
        ),
        sentry(
            "comment",
            #"{"comment":"c","project_slug":"p","issue_id":7,"comment_id":9}"#,
            "p",
            #","number":7,"comment":"c""#
        ),
        sentry("installation", "{}", "", #","title":"created""#),
        .init(
            name: "without action, actor and data",
            type: "sentry",
            headers: [("Sentry-Hook-Resource", "x")],
            body: "{}",
            context: #"{"source":"sentry","event":"x","repo":"","sender":"unknown",\#(time),"title":"x"}"#
        ),
        .init(name: "without resource", type: "sentry", body: #"{"action":"created"}"#, context: nil),
    ]

    private static let issue =
        #"{"number":3,"title":"T","description":"D","url":"u","creator":{"email":"c@x"},"assignee":{"email":"a@x"},"#
        + #""labels":[{"name":"bug"}]}"#

    private static func linear(_ name: String, _ body: String, _ context: String?) -> ContextCase {
        ContextCase(name: name, type: "linear", body: body, context: context)
    }

    static let linear: [ContextCase] = [
        linear(
            "issue",
            #"{"action":"create","type":"Issue","organizationId":"o","createdBy":{"email":"s@x"},"data":\#(issue)}"#,
            #"{"source":"linear","event":"issues","action":"create","repo":"o","sender":"s@x",\#(time),"number":3,"#
                + #""title":"T","body":"D","url":"u","author":"c@x","assignee":"a@x","labels":["bug"]}"#
        ),
        linear(
            "update, organisation of the team, top-level url, actor",
            #"{"action":"update","type":"Issue","url":"top","actor":{"name":"Ann"},"updatedFrom":{"title":"x","stateId":1},"#
                + #""data":{"number":3,"title":"T","team":{"organization":{"id":"o"}}}}"#,
            #"{"source":"linear","event":"issues","action":"update","repo":"o","sender":"Ann",\#(time),"number":3,"#
                + #""title":"T","url":"top","labels":[],"changed":["title","stateId"]}"#
        ),
        linear(
            "comment",
            #"{"action":"create","type":"Comment","organizationId":"o","data":{"body":"B","issue":\#(issue)}}"#,
            #"{"source":"linear","event":"issue_comment","action":"create","repo":"o","sender":"unknown",\#(time),"#
                + #""number":3,"title":"T","url":"u","author":"c@x","comment":"B","labels":["bug"]}"#
        ),
        linear(
            "project",
            #"{"action":"remove","type":"Project","organizationId":"o","data":{"url":"u"}}"#,
            #"{"source":"linear","event":"project","action":"remove","repo":"o","sender":"unknown",\#(time),"#
                + #""title":"remove","url":"u"}"#
        ),
        linear("comment without issue", #"{"action":"create","type":"Comment","organizationId":"o","data":{}}"#, nil),
        linear("without organisation", #"{"action":"create","type":"Issue","data":{}}"#, nil),
        linear("without data", #"{"action":"create","type":"Issue","organizationId":"o"}"#, nil),
        linear("without action", #"{"type":"Issue","organizationId":"o","data":{}}"#, nil),
        linear("without type", #"{"action":"create","organizationId":"o","data":{}}"#, nil),
    ]

    static let mintlify: [ContextCase] = [
        .init(
            name: "failed",
            type: "mintlify",
            body:
                #"{"action":"failed","project":"docs","error":"E","message":"M","user":{"email":"a@x"},"build_url":"u"}"#,
            context: #"{"source":"mintlify","event":"build","action":"failed","repo":"docs","sender":"a@x",\#(time),"#
                + #""title":"Build failed","body":"Build failed: E","url":"u","branch":"main","conclusion":"failure"}"#
        ),
        .init(
            name: "succeeded, by status",
            type: "mintlify",
            body: #"{"event":"deploy","status":"success","organization":"o","title":"T","git":{"branch":"b"},"#
                + #""timestamp":"2020-01-01T00:00:00Z","user":{"name":"Ann"},"description":"D","logs_url":"l"}"#,
            context: #"{"source":"mintlify","event":"deploy","action":"success","repo":"o","sender":"Ann","#
                + #""timestamp":"2020-01-01T00:00:00Z","title":"T","body":"D","url":"l","branch":"b","#
                + #""conclusion":"success"}"#
        ),
        .init(
            name: "anything else",
            type: "mintlify",
            body: #"{"action":"started"}"#,
            context: #"{"source":"mintlify","event":"build","action":"started","repo":"unknown","sender":"mintlify","#
                + #"\#(time),"title":"Build started","branch":"main"}"#
        ),
        .init(name: "without action", type: "mintlify", body: #"{"event":"build"}"#, context: nil),
    ]

    static let slack: [ContextCase] = [
        .init(
            name: "message",
            type: "slack",
            body:
                #"{"type":"event_callback","team_id":"T1","event":{"type":"message","user":"U1","text":"hi","channel":"C1"}}"#,
            context: #"{"source":"slack","event":"message","repo":"T1","sender":"U1",\#(time),"body":"hi","#
                + #""comment":"channel:C1"}"#
        ),
        .init(
            name: "message of a bot",
            type: "slack",
            body: #"{"type":"event_callback","event":{"type":"message","subtype":"bot_message","bot_id":"B1"}}"#,
            context: #"{"source":"slack","event":"message","action":"bot_message","repo":"","sender":"B1",\#(time)}"#
        ),
        .init(
            name: "reaction",
            type: "slack",
            body:
                #"{"type":"event_callback","team_id":"T1","event":{"type":"reaction_added","user":"U1","reaction":"eyes","#
                + #""item":{"channel":"C1"}}}"#,
            context: #"{"source":"slack","event":"reaction_added","repo":"T1","sender":"U1",\#(time),"title":"eyes","#
                + #""comment":"channel:C1"}"#
        ),
        .init(name: "challenge", type: "slack", body: #"{"type":"url_verification","challenge":"c"}"#, context: nil),
        .init(name: "another type", type: "slack", body: #"{"type":"app_rate_limited"}"#, context: nil),
    ]

    static let discord: [ContextCase] = [
        .init(
            name: "command with options",
            type: "discord",
            body: #"{"type":2,"id":"1","guild_id":"G","channel_id":"C","member":{"user":{"username":"ann"}},"#
                + #""data":{"name":"deploy","options":[{"name":"env","value":"prod"},{"name":"sub","options":"#
                + #"[{"name":"n","value":3}]}]}}"#,
            context: #"{"source":"discord","event":"application_command","action":"deploy","repo":"G","sender":"ann","#
                + #"\#(time),"title":"deploy","body":"env: prod, n: 3","branch":"C"}"#
        ),
        .init(
            name: "button in a direct message",
            type: "discord",
            body: #"{"type":3,"user":{"username":"bob"},"data":{"custom_id":"ok"}}"#,
            context:
                #"{"source":"discord","event":"message_component","action":"ok","repo":"","sender":"bob",\#(time),"#
                + #""title":"ok"}"#
        ),
        .init(
            name: "form",
            type: "discord",
            body: #"{"type":5,"data":{"custom_id":"f","components":[{"components":[{"custom_id":"a","value":"1"}]}]}}"#,
            context: #"{"source":"discord","event":"modal_submit","action":"f","repo":"","sender":"unknown",\#(time),"#
                + #""title":"f","body":"a: 1"}"#
        ),
        .init(name: "ping", type: "discord", body: #"{"type":1}"#, context: nil),
        .init(name: "unknown", type: "discord", body: #"{"type":99}"#, context: nil),
    ]

    static let others: [ContextCase] = [
        .init(
            name: "the body is the context",
            type: "test",
            body: #"{"event":"e","other":1,"conclusion":"failure","number":2,"action":"a","labels":["x"]}"#,
            context: #"{"source":"test","event":"e","action":"a","repo":"","sender":"test",\#(time),"number":2,"#
                + #""labels":["x"],"conclusion":"failure"}"#
        ),
        .init(
            name: "nothing",
            type: "test",
            body: "{}",
            context: #"{"source":"test","event":"test","repo":"","sender":"test",\#(time)}"#
        ),
        .init(
            name: "without a map",
            type: "generic",
            body: #"{"event":"paid","x":1}"#,
            context: #"{"source":"generic","event":"paid","repo":"","sender":"unknown",\#(time)}"#
        ),
        .init(
            name: "without an event",
            type: "generic",
            body: "{}",
            context: #"{"source":"generic","event":"webhook","repo":"","sender":"unknown",\#(time)}"#
        ),
        .init(
            name: "mapped from everywhere",
            type: "generic",
            format: GenericWebhookFormat(
                map: [
                    "event": WebhookField("header:X-Event"), "repo": WebhookField("/a~1b/0"),
                    "number": WebhookField("/n"), "labels": WebhookField("/l"), "title": WebhookField("=fixed"),
                    "sender": WebhookField("/deep/er"), "url": WebhookField("/missing"),
                ].compactMapValues(\.self)
            ),
            headers: [("x-event", "deploy")],
            body: #"{"a/b":["r"],"n":"12","l":["x",{"name":"y"},3],"deep":{"er":true}}"#,
            context: #"{"source":"generic","event":"deploy","repo":"r","sender":"true",\#(time),"number":12,"#
                + #""title":"fixed","labels":["x","y"]}"#
        ),
        .init(
            name: "mapped event is missing",
            type: "generic",
            format: GenericWebhookFormat(map: ["event": WebhookField("/kind")].compactMapValues(\.self)),
            body: #"{"event":"x"}"#,
            context: nil
        ),
        .init(name: "ping", type: "github", headers: [("X-GitHub-Event", "ping")], body: "{}", context: nil),
        .init(name: "without event", type: "github", body: #"{"repository":{"full_name":"a/b"}}"#, context: nil),
        .init(
            name: "event of an organisation",
            type: "github",
            headers: [("X-GitHub-Event", "organization")],
            body: #"{"action":"renamed","organization":{"login":"acme"},"sender":{"login":"ann"}}"#,
            context: #"{"source":"github","event":"organization","action":"renamed","repo":"acme","sender":"ann","#
                + #"\#(time),"title":"renamed"}"#
        ),
    ]

    @Test("context", arguments: sentry + linear + mintlify + slack + discord + others)
    func context(row: ContextCase) throws {
        let source = WebhookSourceConfig(type: row.type, format: row.format)
        let provider = try #require(WebhookRegistry.provider(of: row.type)).configured(for: source)
        let sent = request(row.body, row.headers)
        let payload = try sent.payload()
        #expect(provider.context(of: sent, payload: payload)?.compactText == row.context)
    }

    @Test("every built-in sample of a provider is signed well and gives a context that names its event")
    func samples() throws {
        for provider in WebhookRegistry.all {
            guard let imitable = provider as? any ImitableProvider else {
                #expect(provider.type == "discord")
                continue
            }
            for name in imitable.sampleEvents + ["something_else"] {
                let event = ImitatedEvent(name)
                let isGeneral = name == "something_else" && !imitable.sampleEvents.isEmpty
                #expect(imitable.hasOwnSample(of: event) == !isGeneral, "\(provider.type) \(name)")
                let body = Array(imitable.sample(of: event, id: "1").compactText.utf8)
                let delivery = ImitatedDelivery(event: event, body: body, secret: "s", id: "1", sentAt: arrival)
                let sent = request(body, try #require(imitable.headers(imitating: delivery)))
                if provider.secretType != nil { #expect(provider.verify(sent, secrets: ["x": "s"]) == "x", "\(name)") }
                let payload = try sent.payload()
                let context = provider.context(of: sent, payload: payload)
                #expect(
                    (context == nil) == ["ping", "url_verification"].contains(event.name),
                    "\(provider.type) \(name)"
                )
                #expect(context == nil || context?["event"]?.stringValue == event.name, "\(provider.type) \(name)")
            }
        }
    }

    @Test("what is imitated twice is two deliveries", arguments: WebhookRegistry.types)
    func imitatedTwice(type: String) throws {
        let formats: [GenericWebhookFormat?] = [nil, "/id", "header:X-Id"].map { text in
            GenericWebhookFormat(delivery: text.flatMap { WebhookField($0) })
        }
        for format in type == "generic" ? formats : [nil] {
            let source = WebhookSourceConfig(type: type, format: format)
            let provider = try #require(WebhookRegistry.provider(of: type)).configured(for: source)
            guard let imitable = provider as? any ImitableProvider else { continue }
            let event = ImitatedEvent(imitable.sampleEvents.first ?? "e")
            let ids = try ["1", "2"].map { id in
                let body = Array(imitable.sample(of: event, id: id).compactText.utf8)
                let delivery = ImitatedDelivery(event: event, body: body, secret: "s", id: id, sentAt: arrival)
                let sent = request(body, try #require(imitable.headers(imitating: delivery)))
                return provider.deliveryID(of: sent, payload: try sent.payload())
            }
            #expect(ids[0] != nil && ids[0] != ids[1], "\(ids)")
        }
    }

    @Test("generic sources have events of their own, so that none is offered")
    func ownEvents() {
        #expect(GenericProvider().filters.flatMap(\.choices) == [])
        #expect(GitHubProvider().filters.flatMap(\.choices) != [])
    }

    @Test("a form is one wherever its type stands, and JSON need not be an object")
    func payloads() throws {
        let type = "text/plain; application/x-www-form-urlencoded"
        #expect(try request("payload=%5B1%5D", [("Content-Type", type)]).payload().value == [1])
        #expect(try request("[1]").payload().value == [1])
        #expect(throws: WebhookPayloadError.invalidJSON) { try request("[1").payload() }
    }

    @Test("challenges are answered in the sender's words")
    func answers() {
        let rows: [(any WebhookProvider, JSONValue, JSONValue?)] = [
            (SlackProvider(), ["type": "url_verification", "challenge": "c"], ["challenge": "c"]),
            (SlackProvider(), ["type": "event_callback", "challenge": "c"], nil as JSONValue?),
            (DiscordProvider(), ["type": 1], ["type": 1]), (DiscordProvider(), ["type": 2], ["type": 5]),
            (DiscordProvider(), ["type": 3], ["type": 6]),
            (DiscordProvider(), ["type": 4], ["type": 8, "data": ["choices": []]]),
            (GitHubProvider(), ["type": 1], nil as JSONValue?),
        ]
        for (provider, payload, answer) in rows { #expect(provider.answer(to: payload.node) == answer) }
    }

    @Test("the sender's id of a delivery")
    func deliveryIDs() throws {
        let rows: [(any WebhookProvider, String, String, String)] = [
            (GitHubProvider(), "X-GitHub-Delivery", "{}", "1"), (SentryProvider(), "Request-ID", "{}", "1"),
            (LinearProvider(), "Linear-Delivery", "{}", "1"), (MintlifyProvider(), "Idempotency-Key", "{}", "1"),
            (TestProvider(), "Idempotency-Key", "{}", "1"), (GenericProvider(), "webhook-id", "{}", "1"),
            (SlackProvider(), "x", #"{"event_id":"1"}"#, "1"), (DiscordProvider(), "x", #"{"id":"1"}"#, "1"),
            (
                GenericProvider(GenericWebhookFormat(delivery: JSONPointer("/id").map(WebhookField.pointer))),
                "webhook-id",
                #"{"id":42}"#, "42"
            ),
        ]
        for (provider, header, body, id) in rows {
            let sent = request(body, [(header, "1")])
            #expect(provider.deliveryID(of: sent, payload: try sent.payload()) == id, "\(provider.type)")
            #expect(provider.deliveryID(of: request(), payload: ([:] as JSONValue).node) == nil)
        }
    }
}
