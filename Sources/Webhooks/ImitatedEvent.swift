/// An event as people name it: `issues` or `issues.opened`.
package struct ImitatedEvent: Hashable, Sendable {
    package let name: String
    package let action: String?

    /// Splits at the last dot, where the part before it is not empty.
    package init(_ text: String) {
        guard let dot = text.lastIndex(of: "."), dot != text.startIndex, text.index(after: dot) != text.endIndex else {
            name = text
            action = nil
            return
        }
        name = String(text[..<dot])
        action = String(text[text.index(after: dot)...])
    }
}
