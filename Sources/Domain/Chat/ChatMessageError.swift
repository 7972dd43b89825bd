/// Why a text is no message of a chat.
package enum ChatMessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No JSON object.
    case malformed
    /// There is no message of this type.
    case unknownType(String)
    /// A member is missing, or its value is of another kind.
    case wrong(member: String)
    /// A member that the type does not have.
    case unknown(member: String)

    package var description: String {
        switch self {
        case .malformed: "a message is a JSON object with a type"
        case .unknownType(let type): "there is no message of type \"\(type.prefix(40))\""
        case .wrong(let member): "the message lacks \"\(member)\", or its value is of another kind"
        case .unknown(let member): "a message of this type has no \"\(member.prefix(40))\""
        }
    }
}
