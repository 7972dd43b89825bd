import Domain

/// The text under which a trigger is stored, and what is indexed of it.
struct StoredTrigger: Sendable {
    let text: String
    let callID: String?

    /// Encodes a trigger; a webhook's context only where its text is not there yet.
    init(_ trigger: Trigger, contextText: String? = nil) {
        text = contextText.flatMap { trigger.text(withContext: $0) } ?? trigger.json.compactText
        if case .call(let facts) = trigger { callID = facts.callID } else { callID = nil }
    }

    /// Reads a stored text.
    ///
    /// - Throws: ``StorageError`` (`corrupt`) when it is not what was stored.
    static func trigger(from text: String, of record: String) throws -> Trigger {
        // Which rule of JSON is broken does not help anybody: the record is unreadable.
        guard let json = try? JSONValue(parsing: text), let trigger = Trigger(json: json) else {
            throw StorageError(code: .corrupt, message: "the trigger of \(record) is unreadable")
        }
        return trigger
    }

    static func agent(_ text: String, of record: String) throws -> AgentName {
        do {
            return try AgentName(text)
        } catch {
            throw StorageError(code: .corrupt, message: "the agent's name of \(record) is unreadable: \(text)")
        }
    }
}

/// A work item in the form in which it is stored, made before the writer is asked.
struct StoredItem: Sendable {
    let item: NewWorkItem
    let trigger: StoredTrigger
    /// First delivery with the provider's id.
    var origin: String?

    init(_ item: NewWorkItem, contextText: String? = nil) {
        self.item = item
        trigger = StoredTrigger(item.trigger, contextText: contextText)
    }
}
