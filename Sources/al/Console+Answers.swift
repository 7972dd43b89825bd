import Domain

extension Console {
    /// Writes what an order was answered: its message, or all of it as one line of JSON.
    static func output(answer: JSONValue, asJSON isJSON: Bool) {
        guard !isJSON, let message = answer["message"]?.stringValue else { return output(jsonLine: answer) }
        output(message)
    }
}
