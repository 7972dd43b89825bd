import Domain
import OrderedCollections

/// Strict rules for requests to models: members, types, roles in order, results for every call.
///
/// One extension for each wire format.
struct ModelRequestCheck {
    var problems: [String] = []

    /// Wants the text to be one of these.
    mutating func expect(_ json: JSONValue?, _ path: String, in words: Set<String>) {
        guard let text = json?.stringValue, words.contains(text) else {
            return problems.append(
                "\(path): expected one of \(words.sorted()), found \(json?.compactText ?? "nothing")"
            )
        }
    }

    /// Wants a text that is not empty.
    mutating func expectText(_ json: JSONValue?, _ path: String) {
        if json?.stringValue?.isEmpty != false { problems.append("\(path): expected a text") }
    }

    /// Wants a whole number from 1.
    mutating func expectCount(_ json: JSONValue?, _ path: String) {
        if (json?.intValue ?? 0) < 1 { problems.append("\(path): expected a number from 1") }
    }

    /// Wants exactly this value.
    mutating func expect(_ json: JSONValue?, _ path: String, is value: JSONValue) {
        if json != value { problems.append("\(path): expected \(value.compactText)") }
    }

    /// Wants a data URL with a picture, as the formats of OpenAI take it.
    mutating func expectImage(_ json: JSONValue?, _ path: String) {
        let text = json?.stringValue ?? ""
        if text.wholeMatch(of: #/data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+/#) == nil {
            problems.append("\(path): no picture: \(text.prefix(40))")
        }
    }

    /// Wants a text that is a JSON object, as arguments are sent.
    mutating func expectArguments(_ json: JSONValue?, _ path: String) {
        // A text that does not parse is the mistake looked for; where it breaks does not matter.
        guard let text = json?.stringValue, (try? JSONValue(parsing: text))?.objectValue != nil else {
            return problems.append("\(path): arguments are no object")
        }
    }

    mutating func checkSchema(_ schema: JSONValue?, _ path: String) {
        if schema?["type"] != "object" { problems.append("\(path): type must be object") }
    }

    mutating func members(
        _ json: JSONValue,
        _ path: String,
        required: Set<String>,
        optional: Set<String> = [],
        nullable: Set<String> = []
    ) {
        guard let object = json.objectValue else {
            problems.append("\(path): not an object")
            return
        }
        let keys = Set(object.keys)
        for (key, value) in object where value == .null && !nullable.contains(key) {
            problems.append("\(path): \(key) is null")
        }
        for key in required.subtracting(keys).sorted() { problems.append("\(path): \(key) is missing") }
        for key in keys.subtracting(required).subtracting(optional).sorted() {
            problems.append("\(path): unknown \(key)")
        }
    }
}
