package import Domain
import FoundationEssentials

/// Slack: the Events API.
///
/// Format: <https://docs.slack.dev/apis/events-api/>, signatures:
/// <https://docs.slack.dev/authentication/verifying-requests-from-slack>.
package struct SlackProvider: WebhookProvider {
    package let type = "slack"
    package let secretType: String? = "slack_signing_secret"
    package let signatureHeaders = ["x-slack-signature"]

    package let filters = [
        FilterDefinition("events", .choices(["message", "app_mention", "reaction_added", "reaction_removed"]), .event),
        FilterDefinition("channels", .texts, .slackChannel),
        FilterDefinition("team_ids", .texts, .repo("team")),
    ]

    /// Seconds that the time of a request may be off.
    private static let tolerance = 300

    /// There is nothing to configure.
    package init() {}

    package func verify(_ request: WebhookRequest, secrets: [String: String]) -> String? {
        let time = SignedTime(
            header: request.headers["x-slack-request-timestamp"],
            tolerance: Self.tolerance,
            at: request.receivedAt
        )
        guard let time else { return nil }
        return HMACSignature(header: request.headers["x-slack-signature"], prefix: "v0=")?
            .instance(fitting: [Array("v0:\(time.text):".utf8), request.body], among: secrets)
    }

    package func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String? {
        payload["event_id"]?.nonEmptyText?.stringValue
    }

    package func event(of request: WebhookRequest, payload: JSONNode) -> String {
        payload["event"]?["type"]?.stringValue ?? payload["type"]?.stringValue ?? ""
    }

    package func answer(to payload: JSONNode) -> JSONValue? {
        guard payload["type"]?.stringValue == "url_verification", let challenge = payload["challenge"]?.nonEmptyText
        else {
            return .none
        }
        return ["challenge": challenge]
    }

    package func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue? {
        guard payload["type"]?.stringValue == "event_callback", let event = payload.object("event"),
            let name = event["type"]?.nonEmptyText
        else { return nil }
        let channel = Self.channel(of: event)
        return .context(
            [
                "source": "slack",
                "event": name,
                "action": event["subtype"]?.nonEmptyText,
                "repo": payload["team_id"]?.nonEmptyText ?? "",
                "sender": event["user"]?.nonEmptyText ?? event["bot_id"]?.nonEmptyText ?? "unknown",
                "timestamp": request.receivedAt.json,
            ],
            [
                "title": event["reaction"]?.nonEmptyText,
                "body": ContextText.cut(event["text"]),
                "comment": channel.map { .string("channel:\($0)") },
            ]
        )
    }

    /// The channel of a message, or of the message that a reaction is about.
    private static func channel(of event: JSONNode) -> String? {
        let channel = event["channel"]?.nonEmptyText ?? event["channel"]?["id"]?.nonEmptyText
        return (channel ?? event["item"]?["channel"]?.nonEmptyText)?.stringValue
    }
}

extension FilterSubject {
    /// The channel of Slack, which a context carries as its comment.
    fileprivate static let slackChannel = FilterSubject("channel") { context in
        context["comment"]?.stringValue.map { .string(String($0.dropFirst("channel:".count))) }
    }
}

extension SlackProvider: ImitableProvider {
    package var sampleEvents: [String] { ["message", "app_mention", "reaction_added", "url_verification"] }

    package func sample(of event: ImitatedEvent, id: String) -> JSONValue {
        guard event.name != "url_verification" else {
            return ["type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"]
        }
        var inner: JSONValue = ["type": .string(event.name), "user": "U0EXAMPLE", "event_ts": "1700000000.000100"]
        if event.name.hasPrefix("reaction") {
            inner["reaction"] = "eyes"
            inner["item"] = ["type": "message", "channel": "C0EXAMPLE", "ts": "1700000000.000100"]
        } else {
            inner["channel"] = "C0EXAMPLE"
            inner["text"] = "The build fails on main"
        }
        return [
            "type": "event_callback", "team_id": "T0EXAMPLE", "api_app_id": "A0EXAMPLE", "event": inner,
            "event_id": .string("Ev\(id)"), "event_time": 1_700_000_000,
        ]
    }

    package func headers(imitating delivery: ImitatedDelivery) -> [(name: String, value: String)]? {
        var headers = [("Content-Type", "application/json"), ("X-Slack-Request-Timestamp", delivery.timestamp)]
        if let code = delivery.hexCode(after: "v0:\(delivery.timestamp):") {
            headers.append(("X-Slack-Signature", "v0=\(code)"))
        }
        return headers
    }
}
