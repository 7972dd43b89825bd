/// What became of a delivery as a whole.
package enum ReceiptStatus: String, CaseIterable, Hashable, Sendable {
    case dispatched, duplicate, unmatched, ignored, rejected
}
