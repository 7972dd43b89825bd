package import Domain
package import Storage

/// A delivery whose signature was checked.
package struct VerifiedDelivery: Sendable {
    /// Our id, where it must be known before; `nil` = whoever accepts it makes one.
    package var id: String?
    /// Provider type.
    package var type: String
    /// The sources that hear it, sorted.
    package var hearers: [String]
    /// Credential instance whose secret fitted; `_unsigned` without signature.
    package var matchedInstance: String
    package var providerDeliveryID: String?
    /// Whether the same id from another source is another delivery.
    package var hasIDOfItsSource: Bool
    package var headers: [String: String]
    package var body: [UInt8]
    package var event: String
    /// `nil`: nothing an agent could use (ping).
    package var context: JSONValue?
    /// Of a delivery that a person repeats; `nil` = it comes from its sender.
    package var replay: NewDelivery.Replay?
    /// The only agent that a replay is for; `nil` = all.
    package var onlyAgent: AgentName?

    /// Collects the facts.
    package init(
        id: String? = nil,
        type: String,
        hearers: [String],
        matchedInstance: String,
        providerDeliveryID: String?,
        hasIDOfItsSource: Bool = false,
        headers: [String: String],
        body: [UInt8],
        event: String,
        context: JSONValue?,
        replay: NewDelivery.Replay? = nil,
        onlyAgent: AgentName? = nil
    ) {
        self.id = id
        self.type = type
        self.hearers = hearers
        self.matchedInstance = matchedInstance
        self.providerDeliveryID = providerDeliveryID
        self.hasIDOfItsSource = hasIDOfItsSource
        self.headers = headers
        self.body = body
        self.event = event
        self.context = context
        self.replay = replay
        self.onlyAgent = onlyAgent
    }
}
