package import Domain
import FoundationEssentials

/// Mintlify: webhooks about builds of documentation.
package struct MintlifyProvider: WebhookProvider {
    package let type = "mintlify"
    package let secretType: String? = "mintlify_webhook_secret"
    package let signatureHeaders = ["x-mintlify-signature", "mintlify-signature"]

    package let filters = [
        FilterDefinition("events", .choices(["build"]), .event),
        FilterDefinition("actions", .choices(["failed", "succeeded"]), .action),
        FilterDefinition("projects", .texts, .repo("project")),
        FilterDefinition("repos", .texts, .repo("project")),
        FilterDefinition("branches", .texts, .branch),
    ]

    /// There is nothing to configure.
    package init() {}

    package func verify(_ request: WebhookRequest, secrets: [String: String]) -> String? {
        let header = signatureHeaders.lazy.compactMap { request.headers[$0] }.first
        return HMACSignature(header: header)?.instance(fitting: [request.body], among: secrets)
    }

    /// Mintlify sends none; a sender of one's own may say which deliveries are the same.
    package func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String? {
        request.headers["idempotency-key"]
    }

    package func event(of request: WebhookRequest, payload: JSONNode) -> String {
        payload["event"]?.nonEmptyText?.stringValue ?? "build"
    }

    package func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue? {
        guard let action = payload["action"]?.nonEmptyText ?? payload["status"]?.nonEmptyText else { return nil }
        let user = payload["user"]
        let outcome = Self.outcomes[action.stringValue ?? ""]
        return .context(
            [
                "source": "mintlify",
                "event": .string(event(of: request, payload: payload)),
                "action": action,
                "repo": payload["project"]?.nonEmptyText ?? payload["organization"]?.nonEmptyText ?? "unknown",
                "sender": user?["email"]?.nonEmptyText ?? user?["name"]?.nonEmptyText ?? "mintlify",
                "timestamp": payload["timestamp"]?.nonEmptyText ?? request.receivedAt.json,
            ],
            [
                "title": payload["title"]?.nonEmptyText ?? .string("Build \(action.stringValue ?? "")"),
                "body": Self.body(of: payload, outcome: outcome),
                "url": Self.first(["url", "build_url", "logs_url"], of: payload),
                "branch": payload["branch"]?.nonEmptyText ?? payload["git"]?["branch"]?.nonEmptyText ?? "main",
                "conclusion": outcome,
            ]
        )
    }

    private static let outcomes: [String: JSONValue] = [
        "failed": "failure", "failure": "failure", "succeeded": "success", "success": "success",
    ]

    private static func body(of payload: JSONNode, outcome: JSONValue?) -> JSONValue? {
        if outcome == "failure", let error = payload["error"]?.stringValue, !error.isEmpty {
            return ContextText.cut("Build failed: \(error)")
        }
        return ContextText.cut(first(["message", "error", "description"], of: payload)?.stringValue)
    }

    private static func first(_ keys: [String], of payload: JSONNode) -> JSONValue? {
        keys.lazy.compactMap { payload[$0]?.nonEmptyText }.first
    }
}

extension MintlifyProvider: ImitableProvider {
    package var sampleEvents: [String] { ["build.failed", "build.succeeded"] }

    package func sample(of event: ImitatedEvent, id: String) -> JSONValue {
        let action = event.action ?? "failed"
        var body: JSONValue = [
            "event": .string(event.name), "action": .string(action), "project": "docs", "branch": "main",
            "url": "https://dashboard.mintlify.com/example/docs", "user": ["email": "ann@example.com"],
        ]
        if action == "failed" { body["error"] = "page intro.mdx does not parse" }
        return body
    }

    package func headers(imitating delivery: ImitatedDelivery) -> [(name: String, value: String)]? {
        var headers = [("Content-Type", "application/json"), ("Idempotency-Key", delivery.id)]
        if let code = delivery.hexCode() { headers.append(("X-Mintlify-Signature", code)) }
        return headers
    }
}
