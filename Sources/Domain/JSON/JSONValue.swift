package import OrderedCollections

/// A JSON document.
///
/// Objects keep the order of their keys and numbers keep their digits, so that what is read can be written
/// again without loss.
///
/// There is no `nil` literal on purpose: beside an optional it would silently mean `null` instead of "no value".
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The digits as they stand in the document (RFC 8259 `number`).
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(OrderedDictionary<String, JSONValue>)
}

extension JSONValue {
    /// A number from an integer.
    package static func int(_ value: Int) -> JSONValue { .number(String(value)) }

    /// A number from a floating-point value; `null` where JSON has no way to write it.
    package static func double(_ value: Double) -> JSONValue {
        guard value.isFinite else { return .null }
        return value == value.rounded() && abs(value) < 1e15 ? .number(String(Int(value))) : .number("\(value)")
    }

    /// The text of a string, else `nil`.
    package var stringValue: String? { if case .string(let text) = self { text } else { nil } }

    /// The value of a boolean, else `nil`.
    package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The value of a number without fraction (`600.0` counts), else `nil`.
    package var intValue: Int? {
        guard case .number(let digits) = self else { return nil }
        return Int(digits) ?? Double(digits).flatMap { Int(exactly: $0) }
    }

    /// The value of a number, else `nil`.
    package var doubleValue: Double? { if case .number(let digits) = self { Double(digits) } else { nil } }

    /// The elements of an array, else `nil`.
    package var arrayValue: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

    /// The members of an object, else `nil`.
    package var objectValue: OrderedDictionary<String, JSONValue>? {
        if case .object(let members) = self { members } else { nil }
    }

    /// A member of an object; `nil` when absent or when this is no object.
    package subscript(key: String) -> JSONValue? {
        get { objectValue?[key] }
        set {
            guard case .object(var members) = self else { return }
            // Otherwise two would share the members, and changing one key would copy them all.
            self = .null
            members[key] = newValue
            self = .object(members)
        }
    }

    /// An element of an array; `nil` when out of range or when this is no array.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// An object of the members that have a value, in this order: keys without a value are left out, as the wire formats ask.
    package static func object(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        var object = OrderedDictionary<String, JSONValue>(minimumCapacity: members.count)
        for (key, value) in members {
            guard let value else { continue }
            object[key] = value
        }
        return .object(object)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByFloatLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = OrderedDictionary<String, JSONValue>(minimumCapacity: elements.count)
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
