package import Domain
package import FoundationEssentials

/// A sender of webhooks: how its signatures are checked, what its payloads mean, what triggers may filter.
///
/// A provider is one folder in `Providers` and one line in ``WebhookRegistry``. All of it is pure: time comes with the request.
package protocol WebhookProvider: Sendable {
    /// The word in `[webhooks.<name>] type` and in the path `/webhooks/<type>`.
    var type: String { get }
    /// Credential type that holds what verifies deliveries; `nil` for a sender that cannot sign.
    var secretType: String? { get }
    /// Headers that carry the signature, in lower case; empty for a sender that cannot sign.
    var signatureHeaders: [String] { get }
    /// Headers that must not be stored, in lower case, besides cookies and authorization.
    var privateHeaders: [String] { get }
    /// The filters of a trigger, in the order in which they are judged and asked.
    var filters: [FilterDefinition] { get }

    /// Finds the secret that signed a delivery.
    ///
    /// - Parameters:
    ///   - request: as it came.
    ///   - secrets: the candidates by credential instance; all are tried, whichever fits.
    /// - Returns: the instance whose secret fits, the first by name; `nil` when none does.
    func verify(_ request: WebhookRequest, secrets: [String: String]) -> String?

    /// The provider's own id of a delivery; the same when it sends it again. `nil` = deliveries cannot be told apart.
    func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String?

    /// The event's name, for the record; empty when the delivery names none.
    func event(of request: WebhookRequest, payload: JSONNode) -> String

    /// What agents learn of a delivery: an object, or `nil` when there is nothing an agent could use (a ping).
    func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue?

    /// What the sender must be answered instead of the usual counts; `nil` = the usual.
    func answer(to payload: JSONNode) -> JSONValue?

    /// When the sender says that it sent the delivery, where that is worth a line in the log.
    func sentAt(_ request: WebhookRequest, payload: JSONNode) -> Date?

    /// The provider as a source configures it; ``isConfiguredPerSource`` says whether that matters.
    func configured(for source: WebhookSourceConfig) -> any WebhookProvider

    /// Whether each source has its own form of signature and payload.
    var isConfiguredPerSource: Bool { get }
}

extension WebhookProvider {
    package var privateHeaders: [String] { signatureHeaders }
    package var isConfiguredPerSource: Bool { false }
    package func configured(for source: WebhookSourceConfig) -> any WebhookProvider { self }
    package func answer(to payload: JSONNode) -> JSONValue? { nil }
    package func sentAt(_ request: WebhookRequest, payload: JSONNode) -> Date? { nil }

    /// Whether a request carries no signature at all.
    func isBare(_ request: WebhookRequest) -> Bool { signatureHeaders.allSatisfy { request.headers[$0] == nil } }
}
