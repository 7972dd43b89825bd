/// What a run passed to `al-return`, as it is kept.
package struct ReturnValue: Hashable, Sendable {
    package var text: String
    /// It was longer than is kept.
    package var isCut: Bool

    /// Collects both.
    package init(_ text: String, isCut: Bool = false) {
        self.text = text
        self.isCut = isCut
    }
}
