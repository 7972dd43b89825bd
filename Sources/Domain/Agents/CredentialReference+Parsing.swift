extension CredentialReference {
    /// Reads `type`, `type:instance` or the older `agent/type`; `nil` when a part is empty or not a legal name.
    ///
    /// The names become parts of paths, so nothing else may build a reference from text that came from outside. Whether such
    /// a type exists is the credential catalogue's business.
    package init?(_ text: String) {
        let owned = text.split(separator: "/", omittingEmptySubsequences: false).map(Self.trimmed)
        if owned.count == 2 {
            guard CredentialName.isInstance(owned[0]), CredentialName.isType(owned[1]) else { return nil }
            self.init(type: owned[1], owner: owned[0])
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
        guard let type = parts.first, CredentialName.isType(type) else { return nil }
        guard parts.count > 1 else {
            self.init(type: type)
            return
        }
        guard CredentialName.isInstance(parts[1]) else { return nil }
        self.init(type: type, instance: parts[1])
    }

    private static func trimmed(_ part: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var part = part.drop(while: isBlank)
        while let last = part.last, isBlank(last) { part.removeLast() }
        return String(part)
    }
}

/// The rules for the three parts under which a credential's value is kept: `<type>/<instance>/<field>`.
package enum CredentialName {
    /// A small letter, then at most 62 small letters, digits and `_`.
    package static func isType(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, isSmall(first) else { return false }
        return text.utf8.allSatisfy { isSmall($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    /// A letter or digit, then at most 62 of letters, digits, `.`, `_` and `-`.
    package static func isInstance(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), text.utf8.first?.isLetterOrDigit == true else { return false }
        return text.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
    }

    private static func isSmall(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
