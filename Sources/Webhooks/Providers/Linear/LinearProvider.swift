package import Domain
package import FoundationEssentials
import OrderedCollections

/// Linear: webhooks of a workspace.
///
/// Format: <https://linear.app/developers/webhooks>.
package struct LinearProvider: WebhookProvider {
    package let type = "linear"
    package let secretType: String? = "linear_webhook_secret"
    package let signatureHeaders = ["linear-signature"]

    package let filters = [
        FilterDefinition("events", .choices(["issues", "issue_comment", "project", "cycle"]), .event),
        FilterDefinition("actions", .choices(["create", "update", "remove"]), .action),
        FilterDefinition("organizations", .texts, .repo("organization")),
        FilterDefinition("labels", .texts, .label),
        FilterDefinition("labelsAny", .texts, .anyLabel),
        FilterDefinition("assignee", .text, .person("assignee")),
        FilterDefinition("author", .text, .person("author")),
    ]

    /// There is nothing to configure.
    package init() {}

    package func verify(_ request: WebhookRequest, secrets: [String: String]) -> String? {
        HMACSignature(header: request.headers["linear-signature"])?.instance(fitting: [request.body], among: secrets)
    }

    package func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String? {
        request.headers["linear-delivery"]
    }

    package func event(of request: WebhookRequest, payload: JSONNode) -> String {
        switch payload["type"]?.stringValue {
        case "Issue": "issues"
        case "Comment": "issue_comment"
        case let other: other?.lowercased() ?? ""
        }
    }

    package func sentAt(_ request: WebhookRequest, payload: JSONNode) -> Date? {
        payload["webhookTimestamp"]?.doubleValue.map { Date(timeIntervalSince1970: $0 / 1000) }
    }

    package func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue? {
        let event = event(of: request, payload: payload)
        guard !event.isEmpty, let action = payload["action"]?.nonEmptyText, let data = payload.object("data"),
            let organization = payload["organizationId"]?.nonEmptyText
                ?? data["team"]?["organization"]?["id"]?.nonEmptyText,
            let keys = keys(of: event, data: data, payload: payload)
        else { return nil }
        return .context(
            [
                "source": "linear",
                "event": .string(event),
                "action": action,
                "repo": organization,
                "sender": Self.sender(of: payload, data: data),
                "timestamp": request.receivedAt.json,
            ],
            keys
        )
    }

    private static func sender(of payload: JSONNode, data: JSONNode) -> JSONValue {
        for person in [payload["createdBy"], data["createdBy"], payload["updatedBy"], data["updatedBy"]] {
            if let email = person?["email"]?.nonEmptyText { return email }
        }
        let actor = payload["actor"]
        return actor?["email"]?.nonEmptyText ?? actor?["name"]?.nonEmptyText ?? "unknown"
    }

    private func keys(of event: String, data: JSONNode, payload: JSONNode) -> ContextKeys? {
        let page = payload["url"]?.nonEmptyText
        switch event {
        case "issues": return issue(data, page: page, changed: Self.changed(payload))
        case "issue_comment":
            return data.object("issue").map { comment(data, issue: $0, page: page, changed: Self.changed(payload)) }
        default:
            return [
                "title": data["title"]?.nonEmptyText ?? payload["action"]?.value,
                "url": data["url"]?.nonEmptyText ?? page,
                "changed": Self.changed(payload),
            ]
        }
    }

    private func issue(_ issue: JSONNode, page: JSONValue?, changed: JSONValue?) -> ContextKeys {
        [
            "number": issue["number"]?.nonNull,
            "title": issue["title"]?.value,
            "body": ContextText.cut(issue["description"]),
            "url": issue["url"]?.nonEmptyText ?? page,
            "author": issue["creator"]?["email"]?.nonNull,
            "assignee": issue["assignee"]?["email"]?.nonNull,
            "labels": Self.labels(of: issue),
            "changed": changed,
        ]
    }

    private func comment(_ data: JSONNode, issue: JSONNode, page: JSONValue?, changed: JSONValue?) -> ContextKeys {
        [
            "number": issue["number"]?.nonNull,
            "title": issue["title"]?.value,
            "url": data["url"]?.nonEmptyText ?? issue["url"]?.nonEmptyText ?? page,
            "author": issue["creator"]?["email"]?.nonNull,
            "comment": ContextText.cut(data["body"]),
            "labels": Self.labels(of: issue),
            "changed": changed,
        ]
    }

    private static func labels(of issue: JSONNode) -> JSONValue {
        .array((issue["labels"]?.elements ?? []).compactMap { $0["name"]?.nonNull })
    }

    /// The names of what an update changed.
    private static func changed(_ payload: JSONNode) -> JSONValue? {
        guard payload["action"]?.stringValue == "update", let old = payload["updatedFrom"]?.value.objectValue else {
            return .none
        }
        return .array(old.keys.map(JSONValue.string))
    }
}

extension LinearProvider: ImitableProvider {
    package var sampleEvents: [String] {
        ["issues.create", "issues.update", "issue_comment.create", "project.create"]
    }

    package func sample(of event: ImitatedEvent, id: String) -> JSONValue {
        let issue: JSONValue = [
            "id": "00000000-0000-4000-8000-000000000001", "number": 12, "title": "Login takes ten seconds",
            "description": "Measured from the office.", "url": "https://linear.app/example/issue/EX-12",
            "creator": ["email": "ann@example.com"], "assignee": ["email": "bob@example.com"],
            "labels": [["name": "bug"]],
        ]
        let (type, data): (String, JSONValue) =
            switch event.name {
            case "issues": ("Issue", issue)
            case "issue_comment": ("Comment", ["body": "I see this as well.", "issue": issue])
            default: (event.name.prefix(1).uppercased() + event.name.dropFirst(), ["title": "Sample"])
            }
        let action = event.action ?? "create"
        var body: JSONValue = [
            "action": .string(action), "type": .string(type), "organizationId": "example", "data": data,
            "actor": ["name": "Ann", "email": "ann@example.com"],
        ]
        if action == "update" { body["updatedFrom"] = ["title": "Login is slow"] }
        return body
    }

    package func headers(imitating delivery: ImitatedDelivery) -> [(name: String, value: String)]? {
        var headers = [("Content-Type", "application/json; charset=utf-8"), ("Linear-Delivery", delivery.id)]
        if let code = delivery.hexCode() { headers.append(("Linear-Signature", code)) }
        return headers
    }
}
