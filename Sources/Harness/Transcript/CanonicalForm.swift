import Crypto
import Domain
import Foundation
import OrderedCollections

/// Messages of a transcript without what differs between two runs of the same conversation.
///
/// Times and usage are left out, call ids are numbered by their first appearance, keys are sorted.
struct CanonicalForm {
    private var numbers: [String: Int] = [:]

    /// The form of the next message of the conversation.
    mutating func of(_ message: JSONValue) -> JSONValue {
        guard var members = message.objectValue else { return message }
        members["timestamp"] = nil
        members["usage"] = nil
        if let id = members["callId"]?.stringValue { members["callId"] = number(of: id) }
        if let content = members["content"]?.arrayValue { members["content"] = .array(content.map { part($0) }) }
        return JSONValue.object(members).sorted
    }

    private mutating func part(_ part: JSONValue) -> JSONValue {
        guard part["type"] == "toolCall", let id = part["id"]?.stringValue else { return part }
        var part = part
        part["id"] = number(of: id)
        return part
    }

    private mutating func number(of id: String) -> JSONValue {
        if let known = numbers[id] { return .string("\(known)") }
        numbers[id] = numbers.count
        return .string("\(numbers.count - 1)")
    }
}

extension JSONValue {
    /// The same value with the keys of all objects in order.
    var sorted: JSONValue {
        switch self {
        case .object(let members):
            .object(.init(uniqueKeysWithValues: members.map { ($0.key, $0.value.sorted) }.sorted { $0.0 < $1.0 }))
        case .array(let values): .array(values.map(\.sorted))
        default: self
        }
    }
}

extension SHA256 {
    /// The hash of a text, in hexadecimal digits.
    static func hex(_ text: String) -> String { hash(data: Data(text.utf8)).hexText }
}
