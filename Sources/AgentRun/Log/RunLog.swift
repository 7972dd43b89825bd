import Domain
package import FoundationEssentials
import OrderedCollections
import Synchronization

/// The protocol between a run and its host: one JSON object per line on standard output.
///
/// Secrets are taken out of every text before it is written, once it is known what they are.
package final class RunLog: Sendable {
    /// How much a line matters.
    package enum Level: String, Hashable, Sendable { case debug, info, warn, error }

    /// Bytes of one line.
    static let lineLimit = 64 << 10

    private let now: @Sendable () -> Date
    private let write: @Sendable (String) -> Void
    private let redaction = Mutex(Redaction { $0 })

    /// Makes a log.
    ///
    /// - Parameters:
    ///   - now: the time put on each line.
    ///   - write: receives a line without its newline and flushes it.
    package init(now: @escaping @Sendable () -> Date, write: @escaping @Sendable (String) -> Void) {
        self.now = now
        self.write = write
    }

    /// From now on secrets are taken out of all texts by `redact`.
    func redact(with redact: @escaping @Sendable (String) -> String) {
        redaction.withLock { $0 = Redaction(apply: redact) }
    }

    /// The text without secrets.
    func redacted(_ text: String) -> String { redaction.withLock { $0 }.apply(text) }

    /// The document with secrets taken out of all its strings.
    func redacted(_ value: JSONValue) -> JSONValue {
        value.mappingStrings(redaction.withLock { $0 }.apply)
    }

    /// Writes one line of the protocol.
    func line(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, JSONValue?> = [:]) {
        line(level, message, fields: fields.map { ($0.key, $0.value) })
    }

    /// Writes one line of the protocol.
    func line(_ level: Level, _ message: String, fields: [(String, JSONValue?)]) {
        var line: JSONValue = ["_log": true, "level": .string(level.rawValue), "msg": .string(redacted(message))]
        for (key, value) in fields where !Self.fixedKeys.contains(key) { line[key] = value.map(redacted) }
        line["ts"] = .int(now().epochMilliseconds)
        write(line.text(within: Self.lineLimit))
    }

    /// Writes a line that is plain output of the agent.
    ///
    /// Framed like everything else, because text from outside could look like a line of the protocol.
    func output(_ text: String) { line(.info, "output", ["text": .string(text)]) }

    private static let fixedKeys: Set<String> = ["_log", "level", "msg", "ts"]

    /// A function in a box of its own: bare inside the lock, it would get another wrapper at each look, and every line would
    /// cost more than the one before.
    private struct Redaction: Sendable {
        let apply: @Sendable (String) -> String
    }
}

extension JSONValue {
    /// The members of an object in order; none of anything else.
    var members: [(key: String, value: JSONValue)] { objectValue.map { $0.map { ($0.key, $0.value) } } ?? [] }

    /// The compact text, with the longest strings cut until it fits.
    func text(within limit: Int) -> String {
        var value = self
        var text = value.compactText
        while text.utf8.count > limit {
            let longest = value.longestString
            guard longest > 32 else { break }
            // Escapes can make a text six times as long, so that a cut by the excess alone could cut off too much.
            let excess = text.utf8.count - limit
            let keep = max(16, max(longest / 2, longest - excess - 64))
            value = value.mappingStrings { $0.utf8.count == longest ? $0.cut(toBytes: keep) + "…[cut]" : $0 }
            text = value.compactText
        }
        return text
    }

    private var longestString: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array(let values): values.map(\.longestString).max() ?? 0
        case .object(let members): members.values.map(\.longestString).max() ?? 0
        case .null, .bool, .number: 0
        }
    }
}

extension String {
    /// The first characters.
    func cut(to count: Int) -> String { String(prefix(count)) }
}
