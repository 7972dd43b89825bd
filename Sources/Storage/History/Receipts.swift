/// Questions about the deliveries that a store keeps.
///
/// Nothing here changes anything, and nothing waits for a writer. Lists are newest first; what was pruned is not found.
package protocol Receipts: Sendable {
    /// Deliveries that fit a query.
    func receipts(_ query: ReceiptQuery) async throws -> ReceiptPage
    /// One delivery with what became of it.
    func receipt(_ id: String) async throws -> Receipt?
    /// The body of a delivery as it came; `nil` when it was dropped, or there never was one.
    func body(ofReceipt id: String) async throws -> [UInt8]?
}
