/// Where a value of a delivery stands.
package enum WebhookField: Hashable, Sendable {
    /// In the body.
    case pointer(JSONPointer)
    /// In a header.
    case header(String)
    /// The same for every delivery.
    case text(String)

    /// Reads `/json/pointer`, `header:<name>` or `=text`; `nil` for anything else.
    package init?(_ text: String) {
        if text.hasPrefix("=") {
            self = .text(String(text.dropFirst()))
        } else if text.hasPrefix("header:") {
            let name = text.dropFirst("header:".count)
            guard !name.isEmpty else { return nil }
            self = .header(String(name))
        } else if let pointer = JSONPointer(text) {
            self = .pointer(pointer)
        } else {
            return nil
        }
    }
}
