package import Domain
package import FoundationEssentials

/// Which deliveries are wanted.
package struct ReceiptQuery: Hashable, Sendable {
    /// Name of a source that heard the delivery.
    package var source: String?
    package var status: ReceiptStatus?
    /// An agent whose triggers matched.
    package var agent: AgentName?
    package var since: Date?
    /// The delivery that the wanted ones repeat by order of a person.
    package var replayOf: String?
    /// Most deliveries of a page.
    package var limit: Int
    /// ``ReceiptPage/next`` of the page before.
    package var before: Int?

    /// Collects the conditions; without any, the newest of all.
    package init(
        source: String? = nil,
        status: ReceiptStatus? = nil,
        agent: AgentName? = nil,
        since: Date? = nil,
        replayOf: String? = nil,
        limit: Int = 50,
        before: Int? = nil
    ) {
        self.source = source
        self.status = status
        self.agent = agent
        self.since = since
        self.replayOf = replayOf
        self.limit = limit
        self.before = before
    }
}
