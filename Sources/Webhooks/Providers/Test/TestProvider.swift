package import Domain
import FoundationEssentials

/// Unsigned deliveries whose body is the context, for trials on a laptop and for test suites.
package struct TestProvider: WebhookProvider {
    package let type = "test"
    package let secretType: String? = nil
    package let signatureHeaders: [String] = []

    package let filters = [
        FilterDefinition("events", .texts, .event),
        FilterDefinition("actions", .texts, .action),
        FilterDefinition("repos", .texts, .repo()),
    ]

    /// There is nothing to configure.
    package init() {}

    package func verify(_ request: WebhookRequest, secrets: [String: String]) -> String? { nil }

    package func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String? {
        request.headers["idempotency-key"]
    }

    package func event(of request: WebhookRequest, payload: JSONNode) -> String {
        payload["event"]?.stringValue ?? "test"
    }

    package func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue? {
        guard payload.isObject else { return nil }
        return .context(
            [
                "source": payload["source"]?.nonNull ?? "test",
                "event": .string(event(of: request, payload: payload)),
                "action": payload["action"]?.value,
                "repo": payload["repo"]?.nonNull ?? "",
                "sender": payload["sender"]?.nonNull ?? "test",
                "timestamp": payload["timestamp"]?.nonNull ?? request.receivedAt.json,
            ],
            [
                "number": payload["number"]?.value,
                "title": payload["title"]?.value,
                "body": payload["body"]?.value,
                "url": payload["url"]?.value,
                "author": payload["author"]?.value,
                "assignee": payload["assignee"]?.value,
                "labels": payload["labels"]?.value,
                "branch": payload["branch"]?.value,
                "conclusion": payload["conclusion"]?.value,
                "comment": payload["comment"]?.value,
            ]
        )
    }
}

extension TestProvider: ImitableProvider {
    package var sampleEvents: [String] { [] }

    package func sample(of event: ImitatedEvent, id: String) -> JSONValue {
        .object([
            "event": .string(event.name), "action": event.action.map(JSONValue.string), "repo": "octo-org/example",
            "number": 1, "title": "A trial", "sender": "test",
        ])
    }

    package func headers(imitating delivery: ImitatedDelivery) -> [(name: String, value: String)]? {
        [("Content-Type", "application/json"), ("Idempotency-Key", delivery.id)]
    }
}
