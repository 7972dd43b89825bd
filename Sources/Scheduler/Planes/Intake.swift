package import Domain
package import Storage

/// What the gateway asks on behalf of webhook senders.
package protocol Intake: Sendable {
    /// The project's webhook sources by name.
    var webhookSources: [String: WebhookSourceConfig] { get }
    /// Matches a verified delivery against the agents' triggers and commits it; returns when it is on disk.
    ///
    /// - Throws: ``RefusalError`` (`stopping`), ``StorageError`` when it could not be stored.
    func accept(_ delivery: VerifiedDelivery) async throws -> DeliveryResult
    /// What the agents' triggers say to a delivery; nothing is stored.
    func verdicts(on delivery: VerifiedDelivery) async -> [TriggerVerdict]
    /// Stores that a delivery was refused; what goes wrong is logged only.
    func reject(_ rejection: RejectedDelivery) async
    /// Adds a line of `webhook` to the activity feed.
    func noteActivity(_ line: String) async
}
