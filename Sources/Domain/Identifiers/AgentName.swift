/// The name of an agent: the name of its directory under `agents/`.
///
/// 1–63 characters of `a–z`, `0–9` and `-`, beginning and ending with a letter or digit; `default` is reserved because it names
/// the shared credential instance.
package struct AgentName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name as it stands in the file system.
    package let rawValue: String

    /// Checks a name.
    ///
    /// - Throws: ``AgentNameError`` saying which rule is broken.
    package init(_ text: String) throws(AgentNameError) {
        guard text != "default" else { throw .reserved }
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), bytes.allSatisfy(Self.isAllowed), bytes.first != Self.hyphen,
            bytes.last != Self.hyphen
        else { throw .malformed(text) }
        rawValue = text
    }

    package var description: String { rawValue }

    package static func < (left: AgentName, right: AgentName) -> Bool { left.rawValue < right.rawValue }

    private static let hyphen = UInt8(ascii: "-")

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte == hyphen || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// Why a text cannot be an agent's name.
package enum AgentNameError: Error, Hashable, Sendable {
    /// Wrong characters, wrong ends or wrong length.
    case malformed(String)
    /// `default`, which names the shared credential instance.
    case reserved
}
