package import Domain
package import FoundationEssentials

/// A verified delivery about to be stored.
package struct NewDelivery: Sendable {
    /// Our id (UUID).
    package var id: String
    /// Provider type.
    package var type: String
    /// Credential instance whose secret fitted; `_unsigned` without signature.
    package var matchedInstance: String
    /// The provider's own id; `nil` = no dedupe.
    package var providerDeliveryID: String?
    /// Whether the same id from other ``sources`` is another delivery.
    package var hasIDOfItsSource: Bool
    package var receivedAt: Date
    /// Without signatures, cookies and authorization.
    package var headers: [String: String]
    package var body: [UInt8]
    /// `nil`: understood, but nothing an agent could use (ping).
    package var context: JSONValue?
    package var event: String
    /// The work items of the agents whose filters fit and that are enabled, by name.
    ///
    /// All are triggered by this delivery, with ``context``.
    package var items: [NewWorkItem]
    /// Agents whose filters fit but that are disabled.
    package var skippedAgents: [AgentName]
    /// The sources that hear it, sorted.
    package var sources: [String]
    /// What every trigger that could hear it said.
    package var verdicts: [TriggerVerdict]
    /// The delivery that this one repeats by order of a person, and who gave it; `nil` = it came from its sender.
    package var replay: Replay?

    /// An order to repeat a delivery.
    package struct Replay: Hashable, Sendable {
        /// Our id of the original.
        package var original: String
        package var orderedBy: String

        /// Collects both.
        package init(original: String, orderedBy: String) {
            self.original = original
            self.orderedBy = orderedBy
        }
    }

    /// Collects the facts.
    package init(
        id: String,
        type: String,
        matchedInstance: String,
        providerDeliveryID: String?,
        hasIDOfItsSource: Bool = false,
        receivedAt: Date,
        headers: [String: String],
        body: [UInt8],
        context: JSONValue?,
        event: String,
        items: [NewWorkItem],
        skippedAgents: [AgentName],
        sources: [String] = [],
        verdicts: [TriggerVerdict] = [],
        replay: Replay? = nil
    ) {
        self.id = id
        self.type = type
        self.matchedInstance = matchedInstance
        self.providerDeliveryID = providerDeliveryID
        self.hasIDOfItsSource = hasIDOfItsSource
        self.receivedAt = receivedAt
        self.headers = headers
        self.body = body
        self.context = context
        self.event = event
        self.items = items
        self.skippedAgents = skippedAgents
        self.sources = sources
        self.verdicts = verdicts
        self.replay = replay
    }
}
