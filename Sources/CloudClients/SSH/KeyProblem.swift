import Domain

/// A private key that ssh was to show a server and could not use.
struct KeyProblem {
    /// What is wrong and what to do, for people.
    let explanation: String

    /// Finds it in what ssh said on the way to a refusal.
    ///
    /// Where a key was chosen, others do not matter.
    init?(reading text: String, chosen: String?) {
        let lines = text.split(whereSeparator: \.isNewline).lazy
        let found = lines.compactMap { Self.finding(in: $0) }.first { chosen.map($0.isAbout) ?? true }
        guard let found else { return nil }
        explanation = found.explanation
    }

    private struct Finding {
        var path: String
        var reason: String

        /// Whether a key that was named is meant, whose `~` ssh has replaced.
        func isAbout(_ chosen: String) -> Bool {
            chosen == path || chosen.hasPrefix("~/") && path.hasSuffix(chosen.dropFirst())
        }

        var explanation: String {
            let other = "(keyPath, sshKeyPath, or IdentityFile in ~/.ssh/config)"
            if path.hasSuffix(".pub") {
                return "\(path) is a public key. Name the private one, which is called so without .pub \(other)."
            }
            return switch reason {
            case "bad permissions":
                "The key \(path) can be read by others, so ssh does not use it: chmod 600 \(path.quotedForShell)"
            case "No such file or directory": "The key \(path) does not exist. Name one that does \(other)."
            case "invalid format", "error in libcrypto": "\(path) is no private key. Name one that is \(other)."
            default: "ssh cannot use the key \(path): \(reason)."
            }
        }
    }

    private static func finding(in line: Substring) -> Finding? {
        let match = line.firstMatch(of: /^(?:Load key "(.+)"|no such identity: (.+)): ([^:]+)$/)
        guard let match, let path = match.1 ?? match.2 else { return nil }
        return Finding(path: unescaped(path), reason: String(match.3))
    }

    /// A path as it is: in its log ssh writes bytes of other letters than those of ASCII in octal, and a backslash twice.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(3)
            if digits.count == 3, let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(byte)
                rest = rest.dropFirst(3)
            } else if let byte = rest.popFirst() {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
