package import FoundationEssentials

/// A delivery that was refused: whoever sent it may be anybody, so its body is not kept.
package struct RejectedDelivery: Hashable, Sendable {
    /// Our id (UUID).
    package var id: String
    /// Provider type.
    package var type: String
    /// The source that the path named.
    package var source: String?
    /// Why it was refused: the text of the answer.
    package var reason: String
    package var receivedAt: Date
    /// Without signatures, cookies and authorization.
    package var headers: [String: String]
    package var bodyBytes: Int

    /// Collects the facts.
    package init(
        id: String,
        type: String,
        source: String?,
        reason: String,
        receivedAt: Date,
        headers: [String: String],
        bodyBytes: Int
    ) {
        self.id = id
        self.type = type
        self.source = source
        self.reason = reason
        self.receivedAt = receivedAt
        self.headers = headers
        self.bodyBytes = bodyBytes
    }
}
