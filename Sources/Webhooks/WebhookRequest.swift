package import FoundationEssentials

/// A request of a sender, as it came.
package struct WebhookRequest: Sendable {
    package let headers: WebhookHeaders
    /// The bytes that a signature covers.
    package let body: [UInt8]
    package let receivedAt: Date

    /// Collects the parts.
    package init(headers: WebhookHeaders, body: [UInt8], receivedAt: Date) {
        self.headers = headers
        self.body = body
        self.receivedAt = receivedAt
    }
}
