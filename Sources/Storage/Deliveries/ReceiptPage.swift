/// Some deliveries, newest first.
package struct ReceiptPage: Hashable, Sendable {
    package var receipts: [Receipt]
    /// Where the next page begins; `nil` = this was the last.
    package var next: Int?

    /// Collects both.
    package init(receipts: [Receipt], next: Int?) {
        self.receipts = receipts
        self.next = next
    }
}
