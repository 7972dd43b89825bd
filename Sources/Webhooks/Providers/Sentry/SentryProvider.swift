package import Domain
package import FoundationEssentials

/// Sentry: webhooks of integrations.
///
/// Format: <https://docs.sentry.io/organization/integrations/integration-platform/webhooks/>.
package struct SentryProvider: WebhookProvider {
    package let type = "sentry"
    package let secretType: String? = "sentry_client_secret"
    package let signatureHeaders = ["sentry-hook-signature"]

    package let filters = [
        FilterDefinition(
            "resources",
            .choices(["event_alert", "metric_alert", "issue", "error", "comment", "installation"]),
            .resource
        )
    ]

    /// There is nothing to configure.
    package init() {}

    package func verify(_ request: WebhookRequest, secrets: [String: String]) -> String? {
        HMACSignature(header: request.headers["sentry-hook-signature"])?
            .instance(fitting: [request.body], among: secrets)
    }

    package func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String? { request.headers["request-id"] }

    package func event(of request: WebhookRequest, payload: JSONNode) -> String {
        request.headers["sentry-hook-resource"] ?? ""
    }

    package func sentAt(_ request: WebhookRequest, payload: JSONNode) -> Date? {
        request.headers["sentry-hook-timestamp"].flatMap { Double($0) }.map { Date(timeIntervalSince1970: $0) }
    }

    package func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue? {
        let event = event(of: request, payload: payload)
        guard payload.isObject, !event.isEmpty else { return nil }
        let action = payload["action"]?.nonNull
        let found = keys(of: event, data: payload.object("data"))
        let actor = payload["actor"]
        return .context(
            [
                "source": "sentry",
                "event": .string(event),
                "action": action,
                "repo": found?.repo?.nonEmptyText ?? "",
                "sender": actor?["name"]?.nonEmptyText ?? actor?["type"]?.nonEmptyText ?? "unknown",
                "timestamp": request.receivedAt.json,
            ],
            found?.keys ?? ["title": payload["action"]?.nonEmptyText ?? .string(event)]
        )
    }

    private func keys(of event: String, data: JSONNode?) -> (repo: JSONNode?, keys: ContextKeys)? {
        switch event {
        case "event_alert": (data?["triggered_rule"], eventAlert(data))
        case "metric_alert": (metricProject(data), metricAlert(data))
        case "issue": (data?["issue"]?["project"]?["slug"], issue(data?["issue"]))
        case "error": (data?["error"]?["project"]?["slug"], error(data?["error"]))
        case "comment": (data?["issue"]?["project"]?["slug"] ?? data?["project_slug"], comment(data))
        default: nil
        }
    }

    private func eventAlert(_ data: JSONNode?) -> ContextKeys {
        let event = data?["event"]
        return [
            "title": ContextText.cut(event?["title"]),
            "url": event?["web_url"]?.nonNull,
            "body": ContextText.cut(event?["message"]),
        ]
    }

    private func metricProject(_ data: JSONNode?) -> JSONNode? {
        let alert = data?["metric_alert"]
        return alert?["organization"]?["slug"] ?? alert?["alert_rule"]?["projects"]?[0]
    }

    private func metricAlert(_ data: JSONNode?) -> ContextKeys {
        let alert = data?["metric_alert"]
        return [
            "title": ContextText.cut(alert?["title"]) ?? ContextText.cut(data?["description_title"]),
            "url": alert?["web_url"]?.nonNull ?? data?["web_url"]?.nonNull,
            "body": ContextText.cut(data?["description_text"]),
        ]
    }

    private func issue(_ issue: JSONNode?) -> ContextKeys {
        [
            "title": ContextText.cut(issue?["title"]),
            "url": issue?["web_url"]?.nonNull ?? issue?["permalink"]?.nonNull,
            "assignee": issue?["assignedTo"]?["name"]?.nonNull,
        ]
    }

    private func error(_ error: JSONNode?) -> ContextKeys {
        [
            "title": ContextText.cut(error?["title"]),
            "url": error?["web_url"]?.nonNull,
            "body": ContextText.cut(error?["message"]),
        ]
    }

    /// The nested shape, and the flat one of Sentry's documentation.
    private func comment(_ data: JSONNode?) -> ContextKeys {
        [
            "number": data?["issue_id"]?.nonNull,
            "title": ContextText.cut(data?["issue"]?["title"]),
            "url": data?["issue"]?["web_url"]?.nonNull,
            "comment": ContextText.cut(data?["comment"]?["text"]) ?? ContextText.cut(data?["comment"]),
        ]
    }
}

extension SentryProvider: ImitableProvider {
    package var sampleEvents: [String] {
        ["event_alert.triggered", "metric_alert.critical", "issue.created", "error.created", "comment.created"]
    }

    package func sample(of event: ImitatedEvent, id: String) -> JSONValue {
        let page = "https://sentry.io/organizations/example/issues/1/"
        let issue: JSONValue = [
            "id": "1", "title": "TypeError: x is undefined", "web_url": .string(page), "project": ["slug": "web"],
        ]
        let (action, data): (String, JSONValue) =
            switch event.name {
            case "event_alert":
                (
                    "triggered",
                    [
                        "triggered_rule": "Notify on errors",
                        "event": [
                            "title": "TypeError: x is undefined", "web_url": .string(page), "message": "in render()",
                        ],
                    ]
                )
            case "metric_alert":
                (
                    "critical",
                    [
                        "metric_alert": ["title": "Error rate", "organization": ["slug": "example"]],
                        "web_url": .string(page), "description_text": "120 errors in the last 5 minutes",
                    ]
                )
            case "error":
                ("created", ["error": ["title": "TypeError", "web_url": .string(page), "project": ["slug": "web"]]])
            case "comment": ("created", ["comment": "I see this as well.", "project_slug": "web", "issue_id": 1])
            default: ("created", ["issue": issue])
            }
        return [
            "action": .string(event.action ?? action), "actor": ["type": "user", "id": 1, "name": "Ann"], "data": data,
            "installation": ["uuid": "00000000-0000-4000-8000-000000000000"],
        ]
    }

    package func headers(imitating delivery: ImitatedDelivery) -> [(name: String, value: String)]? {
        var headers = [
            ("Content-Type", "application/json"), ("Sentry-Hook-Resource", delivery.event.name),
            ("Request-ID", delivery.id), ("Sentry-Hook-Timestamp", delivery.timestamp),
        ]
        if let code = delivery.hexCode() { headers.append(("Sentry-Hook-Signature", code)) }
        return headers
    }
}
