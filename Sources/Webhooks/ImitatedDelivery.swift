import Domain
package import FoundationEssentials

/// A delivery that is about to be signed and sent.
package struct ImitatedDelivery: Sendable {
    package let event: ImitatedEvent
    package let body: [UInt8]
    /// `nil`: unsigned.
    package let secret: String?
    /// The provider's delivery id.
    package let id: String
    package let sentAt: Date

    /// Collects the facts.
    package init(event: ImitatedEvent, body: [UInt8], secret: String?, id: String, sentAt: Date) {
        self.event = event
        self.body = body
        self.secret = secret
        self.id = id
        self.sentAt = sentAt
    }

    /// Seconds since 1970.
    var timestamp: String { String(Int(sentAt.timeIntervalSince1970)) }

    /// The hexadecimal HMAC-SHA256 of a prefix and the body; `nil` without a secret.
    func hexCode(after prefix: String = "") -> String? {
        secret.map {
            HMACSignature.code([Array(prefix.utf8), body], key: Array($0.utf8), algorithm: .sha256).hexText
        }
    }
}
