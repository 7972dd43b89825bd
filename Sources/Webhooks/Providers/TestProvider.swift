package import Domain
package import FoundationEssentials

/// Unsigned deliveries whose body is the context, for trials on a laptop and for test suites.
package struct TestProvider: WebhookProvider {
    package let type = "test"
    package let secretType: String? = nil
    package let signatureHeader: String? = nil

    /// There is nothing to configure.
    package init() {}

    package func verify(body: [UInt8], headers: WebhookHeaders, secrets: [String: String]) -> String? { nil }

    package func deliveryID(headers: WebhookHeaders, payload: JSONValue) -> String? { headers["idempotency-key"] }

    package func event(headers: WebhookHeaders, payload: JSONValue) -> String {
        payload["event"]?.stringValue ?? "test"
    }

    package func context(of payload: JSONValue, headers: WebhookHeaders, at time: Date) -> JSONValue? {
        guard payload.objectValue != nil else { return nil }
        return .object([
            "source": payload["source"]?.nonNull ?? "test",
            "event": .string(event(headers: headers, payload: payload)),
            "action": payload["action"],
            "repo": payload["repo"]?.nonNull ?? "",
            "sender": payload["sender"]?.nonNull ?? "test",
            "timestamp": payload["timestamp"]?.nonNull ?? .string(ContextText.timestamp(time)),
            "number": payload["number"],
            "title": payload["title"],
            "body": payload["body"],
            "url": payload["url"],
            "author": payload["author"],
            "assignee": payload["assignee"],
            "labels": payload["labels"],
            "branch": payload["branch"],
            "conclusion": payload["conclusion"],
            "comment": payload["comment"],
        ])
    }
}
