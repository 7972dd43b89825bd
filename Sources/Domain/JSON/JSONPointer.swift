import OrderedCollections

/// A place in a JSON document (RFC 6901).
package struct JSONPointer: Hashable, Sendable {
    private let tokens: [String]

    /// Reads a pointer; `nil` unless it is empty (the whole document) or begins with `/`, with `~0` and `~1` as the only escapes.
    package init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let isEscapedWell = part.split(separator: "~", omittingEmptySubsequences: false).dropFirst()
                .allSatisfy { $0.first == "0" || $0.first == "1" }
            guard isEscapedWell else { return nil }
            tokens.append(String(part).replacing("~1", with: "/").replacing("~0", with: "~"))
        }
        self.tokens = tokens
    }

    /// The value at this place; `nil` when there is none.
    package func node(in document: JSONNode) -> JSONNode? {
        var node = document
        for token in tokens {
            guard let next = node.isObject ? node[token] : Self.index(token).flatMap({ node[$0] }) else { return nil }
            node = next
        }
        return node
    }

    /// Digits without leading zeros.
    private static func index(_ token: String) -> Int? {
        guard token == "0" || token.first.map({ "123456789".contains($0) }) == true,
            token.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(token)
    }
}
