package import Domain

extension JSONValue {
    /// The same value as a document that has just come in.
    package var node: JSONNode {
        do {
            return try JSONDocument(parsing: Array(compactText.utf8)).root
        } catch {
            fatalError("a value that was written is no JSON: \(error)")
        }
    }
}
