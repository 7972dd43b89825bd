package import Domain

/// A provider whose deliveries can be made here, for trials (`al webhook send`).
package protocol ImitableProvider: WebhookProvider {
    /// Events with a body of their own, as `event` or `event.action`; others get a general one. None: all events have the same.
    var sampleEvents: [String] { get }

    /// A realistic body, with the provider's delivery id where that stands in the body.
    func sample(of event: ImitatedEvent, id: String) -> JSONValue

    /// The headers of a delivery, signed when it has a secret.
    ///
    /// - Returns: `nil` when the secret cannot sign.
    func headers(imitating delivery: ImitatedDelivery) -> [(name: String, value: String)]?
}

extension ImitableProvider {
    /// Whether the sample of an event shows what the provider would send of it, whatever the action.
    package func hasOwnSample(of event: ImitatedEvent) -> Bool {
        sampleEvents.isEmpty || sampleEvents.contains { ImitatedEvent($0).name == event.name }
    }
}
