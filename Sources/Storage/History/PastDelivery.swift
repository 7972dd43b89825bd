package import Domain
package import FoundationEssentials

/// A delivery and what became of it for each agent.
package struct PastDelivery: Hashable, Sendable {
    package var id: String
    package var type: String
    package var event: String
    package var providerID: String?
    /// What became of it as a whole: `dispatched`, `unmatched`, `duplicate` or `ignored`.
    package var status: String
    package var receivedAt: Date
    /// The first delivery with the same provider id, when this is not it.
    package var firstID: String?
    package var verdicts: [Verdict]

    /// What a delivery meant for one agent.
    package struct Verdict: Hashable, Sendable {
        package var agent: AgentName
        /// `started`, `repeated` or `disabled`.
        package var decision: String
        /// The work item, when there is one.
        package var item: WorkItem?
        /// The newest run of that item.
        package var run: RunRecord?

        /// Collects the facts.
        package init(agent: AgentName, decision: String, item: WorkItem? = nil, run: RunRecord? = nil) {
            self.agent = agent
            self.decision = decision
            self.item = item
            self.run = run
        }
    }

    /// Collects the facts.
    package init(
        id: String,
        type: String,
        event: String,
        providerID: String? = nil,
        status: String,
        receivedAt: Date,
        firstID: String? = nil,
        verdicts: [Verdict] = []
    ) {
        self.id = id
        self.type = type
        self.event = event
        self.providerID = providerID
        self.status = status
        self.receivedAt = receivedAt
        self.firstID = firstID
        self.verdicts = verdicts
    }
}
