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
        return Finding(path: String(path), reason: String(match.3))
    }
}
