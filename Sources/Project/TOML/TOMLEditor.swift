package import Domain
import OrderedCollections

/// Changes single values of a TOML text and leaves every other byte as it is: comments, order, blank lines, quotes.
///
/// A value that is already there, in whatever notation, is not written again, so that a change of nothing gives back the same
/// bytes. ``TOMLFile/edit(_:named:_:)`` reads, edits and writes a file.
///
/// ```swift
/// var editor = try TOMLEditor(text, file: "agent-config.toml")
/// try editor.set(["model", "provider"], to: "anthropic")
/// try editor.set(["webhooks", 0, "events"], to: ["issues"])
/// try editor.remove(["schedule"])
/// ```
package struct TOMLEditor {
    let file: String
    var bytes: [UInt8]
    private(set) var root: OrderedDictionary<String, JSONValue>
    private(set) var entries: [TOMLEntry]

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: the whole document.
    ///   - file: how the file is named in problems.
    /// - Throws: ``Problem`` when the text is not TOML.
    package init(_ text: String, file: String) throws(Problem) {
        self.file = file
        bytes = Array(text.utf8)
        root = try TOMLDocument(file: file, text: text).root
        entries = KeyPositions(of: text).entries
    }

    /// The document as it stands now.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value at a place; `nil` when there is none.
    ///
    /// Dates are their ISO 8601 texts.
    package func value(at path: TOMLPath) -> JSONValue? {
        var value = JSONValue.object(root)
        for step in path.steps {
            let next =
                switch step {
                case .key(let key): value[key]
                case .index(let index): value[index]
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// Gives the place this value: replaced where it stands, else written where it belongs, with the tables around it.
    ///
    /// Tables and arrays are compared member by member, and only what differs is touched. `null` removes. An index equal to the
    /// number of elements appends.
    ///
    /// - Throws: ``Problem`` when the place lies inside of something that is neither table nor array.
    package mutating func set(_ path: TOMLPath, to value: JSONValue) throws(Problem) {
        guard value != .null else { return try remove(path) }
        guard let old = self.value(at: path) else { return try insert(path, value) }
        guard old != value else { return }
        switch (old, value) {
        case (.object(let old), .object(let new)):
            try setMembers(path, old, new)
        case (.array(let old), .array(let new)) where !old.isEmpty && !new.isEmpty && hasSameForm(path, new):
            try setElements(path, old, new)
        default:
            guard let entry = entry(at: path), !isBetterAsSections(entry, value) else {
                try remove(path)
                return try insert(path, value)
            }
            try replace(entry.value, with: TOMLText.value(value))
        }
    }

    private mutating func setMembers(
        _ path: TOMLPath,
        _ old: OrderedDictionary<String, JSONValue>,
        _ new: OrderedDictionary<String, JSONValue>
    ) throws(Problem) {
        for key in old.keys where new[key] == nil { try remove(path.key(key)) }
        for (key, value) in new { try set(path.key(key), to: value) }
        // A table of dotted keys or of subtables alone is gone with its last member.
        if self.value(at: path) == nil { try insert(path, .object(new)) }
    }

    /// Leaves equal elements alone; of tables those at both ends, and edits the ones between.
    private mutating func setElements(_ path: TOMLPath, _ old: [JSONValue], _ new: [JSONValue]) throws(Problem) {
        guard TOMLText.needsSections(.array(old + new)) else {
            let difference = new.difference(from: old)
            for case .remove(let offset, _, _) in difference.removals.reversed() { try remove(path.element(offset)) }
            for case .insert(let offset, let value, _) in difference.insertions {
                try insertElement(path, at: offset, value)
            }
            return
        }
        let most = min(old.count, new.count)
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.reversed(), new.reversed()).prefix(most - head).prefix { $0 == $1 }.count
        let (oldMiddle, newMiddle) = (old.count - head - tail, new.count - head - tail)
        for index in 0..<min(oldMiddle, newMiddle) { try set(path.element(head + index), to: new[head + index]) }
        for index in (newMiddle..<max(newMiddle, oldMiddle)).reversed() { try remove(path.element(head + index)) }
        for index in oldMiddle..<max(newMiddle, oldMiddle) {
            try insertElement(path, at: head + index, new[head + index])
        }
    }

    /// Whether new elements can stand in the notation of the array that is there.
    private func hasSameForm(_ path: TOMLPath, _ new: [JSONValue]) -> Bool {
        entry(at: path) != nil || TOMLText.needsSections(.array(new))
    }

    /// Whether `key = []` on a line of its own shall become tables under headers.
    private func isBetterAsSections(_ entry: TOMLEntry, _ value: JSONValue) -> Bool {
        entry.kind == .pair && TOMLText.needsSections(value) && !entry.path.isDotted(below: header(of: entry))
    }
}

extension TOMLEditor {
    /// The entry whose value stands at a place; `nil` for tables and arrays that are made by headers or dotted keys.
    func entry(at path: TOMLPath) -> TOMLEntry? { index(at: path).map { entries[$0] } }

    func index(at path: TOMLPath) -> Int? {
        let text = path.description
        return entries.firstIndex { !$0.isHeader && $0.path == text }
    }

    /// Path of the table under whose header an entry stands.
    func header(of entry: TOMLEntry) -> String { entry.parent.map { entries[$0].path } ?? "" }

    /// Replaces bytes and reads the document again.
    ///
    /// - Throws: ``Problem`` when the text is not TOML any more; it is then unchanged.
    mutating func replace(_ range: Range<Int>, with text: String) throws(Problem) {
        var changed = bytes
        changed.replaceSubrange(range, with: Array(text.utf8))
        self = try TOMLEditor(String(decoding: changed, as: UTF8.self), file: file)
    }

    var newLine: String { bytes.firstRange(of: Array("\r\n".utf8)) == nil ? "\n" : "\r\n" }

    /// The first byte of the line that contains an offset.
    func lineStart(_ offset: Int) -> Int {
        bytes[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    }

    /// The offset behind the line that contains an offset, its line break included.
    func lineEnd(_ offset: Int) -> Int {
        bytes[offset...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
    }

    /// The blanks before the first word of a line.
    func indentation(_ offset: Int) -> String {
        let start = lineStart(offset)
        return String(
            decoding: bytes[start...].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") },
            as: UTF8.self
        )
    }

    func isBlank(_ range: Range<Int>) -> Bool {
        bytes[range].allSatisfy {
            [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains($0)
        }
    }
}

extension String {
    /// Whether this path is more than one key below another.
    func isDotted(below parent: String) -> Bool {
        let rest = parent.isEmpty ? self[...] : dropFirst(parent.count + 1)
        return !rest.hasPrefix("\"") && rest.contains(".")
    }
}
