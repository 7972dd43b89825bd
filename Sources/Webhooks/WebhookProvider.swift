package import Domain
package import FoundationEssentials

/// A sender of webhooks: how its signatures are checked and what its payloads mean.
///
/// A provider is one file in `Providers` and one line in ``WebhookRegistry``.
package protocol WebhookProvider: Sendable {
    /// The word in `[webhooks.<name>] type` and in the path `/webhooks/<type>`.
    var type: String { get }
    /// Credential type whose field `secret` signs deliveries; `nil` for a sender that cannot sign.
    var secretType: String? { get }
    /// Header that carries the signature, in lower case; `nil` for a sender that cannot sign.
    var signatureHeader: String? { get }
    /// Headers that must not be stored, in lower case, besides cookies and authorization.
    var privateHeaders: [String] { get }

    /// Finds the secret that signed a delivery.
    ///
    /// - Parameters:
    ///   - body: the bytes as they came.
    ///   - headers: of the request.
    ///   - secrets: the candidates by credential instance; all are tried, whichever fits.
    /// - Returns: the instance whose secret fits, the first by name; `nil` when none does.
    func verify(body: [UInt8], headers: WebhookHeaders, secrets: [String: String]) -> String?

    /// The provider's own id of a delivery; the same when it sends it again. `nil` = deliveries cannot be told apart.
    func deliveryID(headers: WebhookHeaders, payload: JSONValue) -> String?

    /// The event's name, for the record; empty when the delivery names none.
    func event(headers: WebhookHeaders, payload: JSONValue) -> String

    /// What agents learn of a delivery.
    ///
    /// - Parameters:
    ///   - payload: the parsed body.
    ///   - headers: of the request.
    ///   - time: becomes `timestamp` where the payload has none.
    /// - Returns: the context object; `nil` when there is nothing an agent could use (a ping).
    func context(of payload: JSONValue, headers: WebhookHeaders, at time: Date) -> JSONValue?
}

extension WebhookProvider {
    package var privateHeaders: [String] { signatureHeader.map { [$0] } ?? [] }
}
