/// Which keys send a message and which begin a new line in it.
package struct MessageKeys: Hashable, Sendable {
    package var submit: Key
    package var newLine: Key

    /// Enter sends, Alt+Enter (or Shift+Enter) begins a new line.
    package init(submit: Key = .enter, newLine: Key = .newLine) {
        self.submit = submit
        self.newLine = newLine
    }

    /// The key that people write so; `nil` when messages have no use for it.
    package static func key(named name: String) -> Key? {
        switch name.lowercased() {
        case "enter", "return": .enter
        case "alt+enter", "shift+enter", "alt+return", "shift+return": .newLine
        default: nil
        }
    }
}
