package import Domain

/// Which entries of a log are wanted.
package struct LogFilter: Sendable {
    /// Value of `instance`.
    package var instance: String?
    /// Exclusive bounds, epoch milliseconds.
    package var after: Int?
    package var before: Int?
    /// Lowest level shown.
    package var level: Int?
    /// Must occur in the entry's JSON text.
    package var grep: GrepPattern?

    /// A filter that lets everything through.
    package init() {}

    /// The number of a level's name; `nil` for any other word.
    package static func level(named word: String) -> Int? {
        LogLineFormat.levels[word] ?? (word == "warning" ? LogLineFormat.levels["warn"] : nil)
    }

    /// Whether an entry is wanted.
    ///
    /// - Throws: ``GrepPattern/Failure``.
    package func accepts(_ entry: JSONValue) throws -> Bool {
        if let instance, entry["instance"]?.stringValue != instance { return false }
        if let level, (entry["level"]?.intValue ?? 30) < level { return false }
        if after != nil || before != nil {
            guard let time = entry["time"]?.intValue, after.map({ time > $0 }) ?? true,
                before.map({ time < $0 }) ?? true
            else { return false }
        }
        return try grep?.matches(entry.compactText) ?? true
    }
}
