import Domain
import Foundation
import Terminal

/// `keybindings.json` of the user's directory: `{"submit": "alt+enter", "newLine": "enter"}`, each a name or a list of names.
enum KeyBindings {
    /// Reads the file; without one, or without a key in it, the usual keys count.
    ///
    /// - Throws: ``Failure`` naming the file and what is wrong in it.
    static func read(_ path: String) throws -> MessageKeys {
        var keys = MessageKeys()
        guard let data = FileManager.default.contents(atPath: path) else { return keys }
        guard let document = try? JSONValue(parsing: String(decoding: data, as: UTF8.self)),
            document.objectValue != nil
        else { throw Failure("Configuration error: \(path) is no JSON object.") }
        keys.submit = try key("submit", in: document, path) ?? keys.submit
        keys.newLine = try key("newLine", in: document, path) ?? (keys.submit == .newLine ? .enter : .newLine)
        guard keys.submit != keys.newLine else {
            throw Failure("Configuration error: \(path): submit and newLine are the same key.")
        }
        return keys
    }

    private static func key(_ name: String, in document: JSONValue, _ path: String) throws -> Key? {
        guard let value = document[name] else { return nil }
        let names = value.arrayValue?.compactMap(\.stringValue) ?? value.stringValue.map { [$0] } ?? []
        guard let key = names.compactMap(MessageKeys.key).first else {
            throw Failure("Configuration error: \(path): \(name) is enter, alt+enter or shift+enter.")
        }
        return key
    }
}
