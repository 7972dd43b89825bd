package import Storage

extension DeliveryResult {
    /// The result without the depths of the queues.
    package var counts: DeliveryResult {
        var counts = self
        counts.depths = [:]
        return counts
    }
}
