/// An entry of `[network] allow`: what a run may reach.
package enum NetworkEntry: Hashable, Sendable {
    /// `*`: everything.
    case everything
    /// A host name, in lower case; without a port 80 and 443.
    case host(String, port: Int?)
    /// `*.domain`: every host below a domain, not the domain itself.
    case subdomains(of: String, port: Int?)
    /// An address or a CIDR.
    case addresses(String, port: Int?)

    /// Reads an entry; `nil` when it is none of these forms.
    package init?(_ text: String) {
        if text == "*" {
            self = .everything
            return
        }
        guard let (name, port) = Self.split(text.lowercased()) else { return nil }
        if Self.isAddressRange(name) {
            self = .addresses(String(name), port: port)
        } else if name.hasPrefix("*."), Self.isHost(name.dropFirst(2)) {
            self = .subdomains(of: String(name.dropFirst(2)), port: port)
        } else if Self.isHost(name) {
            self = .host(String(name), port: port)
        } else {
            return nil
        }
    }

    /// Takes a port off the end; an IPv6 address has one only behind brackets.
    private static func split(_ text: String) -> (name: Substring, port: Int?)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            let name = text[text.index(after: text.startIndex)..<end]
            if rest.isEmpty { return (name, nil) }
            return rest.hasPrefix(":") ? port(rest.dropFirst()).map { (name, $0) } : nil
        }
        let colons = text.count { $0 == ":" }
        guard colons == 1, let colon = text.firstIndex(of: ":") else { return (text[...], nil) }
        return port(text[text.index(after: colon)...]).map { (text[..<colon], $0) }
    }

    private static func port(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else { return nil }
        return (1...65535).contains(number) ? number : nil
    }

    /// Labels of 1–63 letters, digits and hyphens (and of anything beyond ASCII, which IDNA turns into those), 253 in all.
    private static func isHost(_ name: Substring) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        // All digits and dots would be a mistyped address.
        guard name.utf8.count <= 253, !name.allSatisfy({ $0 == "." || ($0.isASCII && $0.isNumber) }) else {
            return false
        }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.unicodeScalars.allSatisfy { scalar in
                    scalar == "-"
                        || (scalar.isASCII
                            ? scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                            : scalar.properties.isAlphabetic)
                }
        }
    }

    private static func isAddressRange(_ text: Substring) -> Bool { AddressRange(String(text)) != nil }
}
