package import Domain
import OrderedCollections

/// One value as it would stand behind `=` in a TOML file.
package enum TOMLValue {
    /// Reads a value; `nil` when the text is none, so that the caller may take it for what it is.
    package static func parse(_ text: String) -> JSONValue? {
        // What is wrong with it does not matter: a text that is no TOML is meant as a text.
        guard !text.contains("\n"), let document = try? TOMLDocument(file: "", text: "value = \(text)"),
            document.root.count == 1
        else { return nil }
        return document.root["value"]
    }
}
