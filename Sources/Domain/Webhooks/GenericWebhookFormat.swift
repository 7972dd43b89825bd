/// How deliveries of a `generic` source are signed and read.
package struct GenericWebhookFormat: Hashable, Sendable {
    /// How a delivery proves where it comes from.
    package enum Scheme: Hashable, Sendable {
        /// Standard Webhooks: headers `webhook-id`, `webhook-timestamp`, `webhook-signature` (or the `svix-` names).
        case standard
        case hmac(HMACFormat)
        /// The header equals prefix and secret.
        case token(header: String, prefix: String)
    }

    package var scheme: Scheme
    /// Seconds a timestamp may be off.
    package var tolerance: Int
    /// Where the provider's delivery id stands; `nil` = `webhook-id` of the standard scheme, else none.
    package var delivery: WebhookField?
    /// Where the value of each context key stands; without `event` the event is what `/event` says, or `webhook`.
    package var map: [String: WebhookField]

    /// Collects the facts; the defaults are those of the configuration.
    package init(
        scheme: Scheme = .standard,
        tolerance: Int = 300,
        delivery: WebhookField? = nil,
        map: [String: WebhookField] = [:]
    ) {
        self.scheme = scheme
        self.tolerance = tolerance
        self.delivery = delivery
        self.map = map
    }

    /// Context keys that `map` may name.
    package static let mappableKeys = [
        "event", "action", "repo", "sender", "timestamp", "number", "title", "body", "url", "author", "assignee",
        "labels", "branch", "conclusion", "comment",
    ]
}
