import Domain
import Terminal

extension Console {
    /// Writes what an order was answered: its message, or all of it as one line of JSON.
    static func output(answer: JSONValue, asJSON isJSON: Bool) {
        output(isJSON ? answer.compactText : answer["message"]?.stringValue?.printableLines ?? answer.compactText)
    }
}
