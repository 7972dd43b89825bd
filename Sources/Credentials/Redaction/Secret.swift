/// A secret value and what it is called when it is hidden.
///
/// It never shows its value.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let type: String
    package let field: String
    package let value: String

    /// Collects the facts.
    package init(type: String, field: String, value: String) {
        self.type = type
        self.field = field
        self.value = value
    }

    /// What stands in its place.
    package var mark: String { "[redacted:\(type).\(field)]" }

    package var description: String { mark }
    package var debugDescription: String { mark }
    package var customMirror: Mirror { Mirror(self, children: ["mark": mark]) }
}
