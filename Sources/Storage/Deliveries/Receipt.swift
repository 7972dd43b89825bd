package import Domain
package import FoundationEssentials

/// A stored delivery and what became of it.
package struct Receipt: Hashable, Sendable {
    /// Our id.
    package var id: String
    /// The first delivery with the provider's id; this one's own id when it is the first.
    package var firstID: String
    /// Provider type.
    package var type: String
    /// The sources that heard it, sorted.
    package var sources: [String]
    /// Credential instance whose secret fitted; empty for a rejected delivery.
    package var matchedInstance: String
    package var providerDeliveryID: String?
    package var event: String
    package var status: ReceiptStatus
    /// Why it was rejected.
    package var reason: String?
    package var receivedAt: Date
    /// The delivery that this one repeats by order of a person.
    package var replayOf: String?
    /// Who gave that order.
    package var replayedBy: String?
    /// Without signatures, cookies and authorization.
    package var headers: [String: String]
    package var context: JSONValue?
    package var bodyBytes: Int
    /// Later deliveries with the same provider id.
    package var duplicates: Int
    package var verdicts: [TriggerVerdict]
    /// Agent → `started`, `repeated` or `disabled`, for every agent that matched.
    package var decisions: [AgentName: String]
    /// The work of this delivery and of earlier ones with its provider id, oldest first.
    package var work: [Work]

    /// A work item, and the run it became.
    package struct Work: Hashable, Sendable {
        package var itemID: String
        package var agent: AgentName
        /// The delivery that caused it.
        package var deliveryID: String
        /// `waiting`, `dropped`, or the state of the run.
        package var state: String
        /// Why it ended so.
        package var reason: String?
        package var instance: InstanceID?

        /// Collects the facts.
        package init(
            itemID: String,
            agent: AgentName,
            deliveryID: String,
            state: String,
            reason: String? = nil,
            instance: InstanceID? = nil
        ) {
            self.itemID = itemID
            self.agent = agent
            self.deliveryID = deliveryID
            self.state = state
            self.reason = reason
            self.instance = instance
        }
    }

    /// Collects the facts.
    package init(
        id: String,
        firstID: String,
        type: String,
        sources: [String],
        matchedInstance: String,
        providerDeliveryID: String? = nil,
        event: String,
        status: ReceiptStatus,
        reason: String? = nil,
        receivedAt: Date,
        replayOf: String? = nil,
        replayedBy: String? = nil,
        headers: [String: String],
        context: JSONValue? = nil,
        bodyBytes: Int,
        duplicates: Int = 0,
        verdicts: [TriggerVerdict],
        decisions: [AgentName: String],
        work: [Work]
    ) {
        self.id = id
        self.firstID = firstID
        self.type = type
        self.sources = sources
        self.matchedInstance = matchedInstance
        self.providerDeliveryID = providerDeliveryID
        self.event = event
        self.status = status
        self.reason = reason
        self.receivedAt = receivedAt
        self.replayOf = replayOf
        self.replayedBy = replayedBy
        self.headers = headers
        self.context = context
        self.bodyBytes = bodyBytes
        self.duplicates = duplicates
        self.verdicts = verdicts
        self.decisions = decisions
        self.work = work
    }

    /// Agents for which work was stored.
    package var matched: Int { decisions.values.count { $0 == "started" } }

    /// Agents that matched and were disabled.
    package var skipped: Int { decisions.values.count { $0 == "disabled" } }

    /// Event and action in one.
    package var summary: String { WebhookTriggerFacts.summary(event: event, context: context) }

    /// The work of an agent: its own, else what an earlier delivery of the same id started.
    package func work(of agent: AgentName) -> Work? {
        work.last { $0.agent == agent && $0.deliveryID == id } ?? work.last { $0.agent == agent }
    }
}
