package import Domain
package import FoundationEssentials
import OrderedCollections

/// GitHub repository and organisation webhooks.
///
/// Format: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.
package struct GitHubProvider: WebhookProvider {
    package let type = "github"
    package let secretType: String? = "github_webhook_secret"
    package let signatureHeader: String? = "x-hub-signature-256"
    package let privateHeaders = ["x-hub-signature-256", "x-hub-signature"]

    /// There is nothing to configure.
    package init() {}

    package func verify(body: [UInt8], headers: WebhookHeaders, secrets: [String: String]) -> String? {
        HMACSignature(header: headers["x-hub-signature-256"], prefix: "sha256=")?
            .instance(fitting: body, among: secrets)
    }

    package func deliveryID(headers: WebhookHeaders, payload: JSONValue) -> String? { headers["x-github-delivery"] }

    package func event(headers: WebhookHeaders, payload: JSONValue) -> String { headers["x-github-event"] ?? "" }

    package func context(of payload: JSONValue, headers: WebhookHeaders, at time: Date) -> JSONValue? {
        let event = event(headers: headers, payload: payload)
        guard !event.isEmpty, event != "ping", let repo = payload["repository"]?["full_name"]?.stringValue,
            let keys = GitHubEvent(name: event, payload: payload).keys
        else { return nil }
        let head: KeyValuePairs<String, JSONValue?> = [
            "source": "github",
            "event": .string(event),
            "action": payload["action"]?.nonNull,
            "repo": .string(repo),
            "sender": payload["sender"]?["login"]?.nonEmptyText ?? "unknown",
            "timestamp": .string(ContextText.timestamp(time)),
        ]
        var context = OrderedDictionary<String, JSONValue>()
        for (key, value) in head { context[key] = value }
        for (key, value) in keys { context[key] = value }
        return .object(context)
    }
}
