import Domain
import GRDB

/// The text under which a trigger is stored, and what is indexed of it.
struct StoredTrigger: Sendable {
    let text: String
    let callID: String?

    /// Encodes a trigger.
    ///
    /// - Parameters:
    ///   - trigger: what started or shall start a run.
    ///   - hasContext: whether the context of a webhook's is to be stored with it, because its delivery does not have it.
    init(_ trigger: Trigger, hasContext: Bool = true) {
        text = hasContext ? trigger.json.compactText : trigger.textWithoutContext
        if case .call(let facts) = trigger { callID = facts.callID } else { callID = nil }
    }

    /// Reads a stored text.
    ///
    /// - Throws: ``StorageError`` (`corrupt`) when it is not what was stored.
    static func trigger(from text: String, of record: String) throws -> Trigger {
        guard let trigger = Trigger(json: try json(of: text, record)) else { throw unreadable(record) }
        return trigger
    }

    fileprivate static func json(of text: String, _ record: String) throws -> JSONValue {
        // Which rule of JSON is broken does not help anybody: the record is unreadable.
        guard let json = try? JSONValue(parsing: text) else { throw unreadable(record) }
        return json
    }

    fileprivate static func unreadable(_ record: String) -> StorageError {
        StorageError(code: .corrupt, message: "the trigger of \(record) is unreadable")
    }

    static func agent(_ text: String, of record: String) throws -> AgentName {
        do {
            return try AgentName(text)
        } catch {
            throw StorageError(code: .corrupt, message: "the agent's name of \(record) is unreadable: \(text)")
        }
    }
}

extension Database {
    /// Reads the trigger of a work item, with the context of a webhook's from its delivery.
    ///
    /// - Parameters:
    ///   - item: whose trigger it is.
    ///   - text: as it was stored.
    ///   - mustBeWhole: whether a context that is gone or damaged is an error; who only shows the item is content with an empty one.
    /// - Returns: the trigger, whole.
    /// - Throws: ``StorageError`` (`corrupt`) when it is not what was stored.
    func trigger(of item: String, from text: String, mustBeWhole: Bool) throws -> Trigger {
        let record = "work item \(item)"
        var json = try StoredTrigger.json(of: text, record)
        if json["type"] == "webhook", json["context"] == nil, let delivery = json["deliveryId"]?.stringValue {
            let context = mustBeWhole ? try content(ofDelivery: delivery)?.context : try context(ofDelivery: delivery)
            guard context != nil || !mustBeWhole else { throw StoredTrigger.unreadable(record) }
            json["context"] = try context.map { try StoredTrigger.json(of: $0, record) } ?? [:]
        }
        guard let trigger = Trigger(json: json) else { throw StoredTrigger.unreadable(record) }
        return trigger
    }

    /// The text of a delivery's context; `nil` when it is not kept beside the body, or damaged with that.
    func context(ofDelivery id: String) throws -> String? {
        do {
            return try content(ofDelivery: id)?.context
        } catch let error as StorageError where error.code == .corrupt {
            // Whoever asks for the body is told; a list of many is not to fail because of one.
            return nil
        }
    }

    /// What a delivery said; `nil` when it is kept no longer.
    ///
    /// - Throws: ``StorageError`` (`corrupt`) when it is damaged.
    func content(ofDelivery id: String) throws -> (body: ArraySlice<UInt8>, context: String?)? {
        guard
            let row = try row(
                "SELECT form, body, body_bytes FROM delivery_bodies JOIN deliveries USING (position) WHERE id = ?",
                [id]
            )
        else { return nil }
        guard let form = StoredContent.Form(rawValue: row["form"]),
            let content = StoredContent(form: form, bytes: row["body"]).received(bodyBytes: row["body_bytes"])
        else { throw StorageError(code: .corrupt, message: "the body of delivery \(id) is damaged") }
        return content
    }
}

/// A work item in the form in which it is stored, made before the writer is asked.
struct StoredItem: Sendable {
    let item: NewWorkItem
    let trigger: StoredTrigger
    /// First delivery with the provider's id.
    var origin: String?

    /// Encodes an item; one that is stored with its delivery leaves the context to that.
    init(_ item: NewWorkItem, hasContext: Bool = true) {
        self.item = item
        trigger = StoredTrigger(item.trigger, hasContext: hasContext)
    }
}
