package import Domain

/// What became of a delivery.
package struct DeliveryResult: Hashable, Sendable {
    package var matched: Int
    package var skipped: Int
    /// The delivery id was seen before and nothing new started.
    package var isDuplicate: Bool
    /// The delivery id was seen before and its failed work starts again.
    package var isRedelivery: Bool
    /// For a duplicate: what the first delivery started.
    package var first: [FirstWork]
    /// Items dropped because their queue was full or a new one took their place.
    package var dropped: [DroppedItem]
    /// Waiting items of each agent that got a new one, that one included.
    package var depths: [AgentName: Int]

    /// Collects the facts.
    package init(
        matched: Int,
        skipped: Int,
        isDuplicate: Bool = false,
        isRedelivery: Bool = false,
        first: [FirstWork] = [],
        dropped: [DroppedItem] = [],
        depths: [AgentName: Int] = [:]
    ) {
        self.matched = matched
        self.skipped = skipped
        self.isDuplicate = isDuplicate
        self.isRedelivery = isRedelivery
        self.first = first
        self.dropped = dropped
        self.depths = depths
    }
}
