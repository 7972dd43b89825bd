/// A `concurrencyKey` template: names of context keys in braces, `{{` and `}}` for a brace itself.
package struct ConcurrencyKey: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case text(String)
        case key(String)
    }

    private let parts: [Part]

    /// Reads a template.
    ///
    /// A brace that is never closed stands for itself: a key that is a little too long only keeps runs apart that might have
    /// been together.
    package init(_ template: String) {
        var parts: [Part] = []
        var text = ""
        var rest = template[...]
        while let character = rest.popFirst() {
            if "{}".contains(character), rest.first == character {
                rest.removeFirst()
                text.append(character)
            } else if character == "{", let end = rest.firstIndex(of: "}") {
                parts += [.text(text), .key(String(rest[..<end]))]
                text = ""
                rest = rest[rest.index(after: end)...]
            } else {
                text.append(character)
            }
        }
        self.parts = parts + [.text(text)]
    }

    /// The key of a delivery's context: the template with its names replaced, absent values as nothing.
    ///
    /// - Parameter context: what the agent's model reads in `<webhook-trigger>`.
    /// - Returns: `nil` when the result is empty.
    package func value(in context: JSONValue) -> String? {
        let key = parts.map { part in
            switch part {
            case .text(let text): text
            case .key(let name): Self.text(of: context[name])
            }
        }.joined()
        return key.isEmpty ? nil : key
    }

    private static func text(of value: JSONValue?) -> String {
        switch value {
        case nil, .null: ""
        case .string(let text): text
        case .some(let other): other.compactText
        }
    }
}
