import OrderedCollections

/// The members of one message, each of which must be asked for.
struct ChatFields {
    /// What the message says it is.
    let type: String
    private let members: JSONValue

    /// Reads an object with a `type`.
    init(parsing text: String) throws(ChatMessageError) {
        // Why it is no JSON does not help anybody.
        guard let document = try? JSONValue(parsing: text), document.objectValue != nil,
            let type = document["type"]?.stringValue
        else { throw .malformed }
        self.type = type
        members = document
    }

    /// - Throws: ``ChatMessageError`` when there are others.
    func require(only names: Set<String>) throws(ChatMessageError) {
        for name in (members.objectValue ?? [:]).keys where name != "type" && !names.contains(name) {
            throw .unknown(member: name)
        }
    }

    func text(_ name: String, mayBeEmpty: Bool = false) throws(ChatMessageError) -> String {
        guard let text = members[name]?.stringValue, mayBeEmpty || !text.isEmpty else { throw .wrong(member: name) }
        return text
    }

    func flag(_ name: String) throws(ChatMessageError) -> Bool {
        guard let flag = members[name]?.boolValue else { throw .wrong(member: name) }
        return flag
    }

    func object(_ name: String) throws(ChatMessageError) -> JSONValue {
        guard let value = members[name], value.objectValue != nil else { throw .wrong(member: name) }
        return value
    }
}
