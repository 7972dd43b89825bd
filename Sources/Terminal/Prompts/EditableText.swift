/// A text that is being typed, and the place in it where typing goes on.
package struct EditableText: Hashable, Sendable {
    /// What is typed, one element for each character as a person sees it.
    package private(set) var characters: [Character]
    /// Characters before the place.
    package private(set) var cursor: Int

    /// Begins with a text, at its end.
    package init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    /// Whether nothing is typed.
    package var isEmpty: Bool { characters.isEmpty }

    /// What is typed.
    package var text: String { String(characters) }

    /// What is typed before the place.
    package var textBeforeCursor: String { String(characters[..<cursor]) }

    /// Puts a character in; a mark that belongs to the character before it becomes part of that one.
    package mutating func insert(_ character: Character) {
        let before = String(characters[..<cursor]) + String(character)
        let after = characters[cursor...]
        let joined = Array(before)
        characters = joined + after
        cursor = joined.count
    }

    /// Obeys a key that edits or moves.
    ///
    /// - Returns: whether the key is one of those.
    @discardableResult
    package mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(character)
        case .backspace: if cursor > 0 { removeBefore() }
        case .delete: if cursor < characters.count { characters.remove(at: cursor) }
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .home: cursor = 0
        case .end: cursor = characters.count
        case .deleteLine: self = EditableText()
        case .deleteWord: deleteWord()
        default: return false
        }
        return true
    }

    private mutating func deleteWord() {
        while cursor > 0, characters[cursor - 1].isWhitespace { removeBefore() }
        while cursor > 0, !characters[cursor - 1].isWhitespace { removeBefore() }
    }

    private mutating func removeBefore() {
        cursor -= 1
        characters.remove(at: cursor)
    }
}
