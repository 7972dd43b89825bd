/// What was typed before, to be brought back with the arrows.
package struct InputHistory: Hashable, Sendable {
    /// Older ones are forgotten.
    package static let limit = 1000

    /// Oldest first.
    package private(set) var entries: [String]
    private var place: Int
    /// What was being typed when somebody went back.
    private var draft = ""

    /// Begins behind the newest entry.
    package init(_ entries: [String] = []) {
        self.entries = Array(entries.suffix(Self.limit))
        place = self.entries.count
    }

    /// Remembers a text, unless it is empty or the same as the one before.
    package mutating func add(_ text: String) {
        if !text.isEmpty, text != entries.last { entries = Array((entries + [text]).suffix(Self.limit)) }
        place = entries.count
        draft = ""
    }

    /// The entry before; `nil` when there is none.
    package mutating func earlier(than typed: String) -> String? {
        guard place > 0 else { return nil }
        if place == entries.count { draft = typed }
        place -= 1
        return entries[place]
    }

    /// The entry after, at the end what was being typed; `nil` when nothing was gone back to.
    package mutating func later() -> String? {
        guard place < entries.count else { return nil }
        place += 1
        return place == entries.count ? draft : entries[place]
    }
}
