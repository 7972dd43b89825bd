import Domain

/// Where the keys of a TOML document stand.
///
/// The parser reports neither lines nor the order of keys, so this walks over the text once more. It expects a text that the
/// parser accepted and therefore checks nothing.
struct KeyPositions {
    /// Line, from 1, of each key path.
    private(set) var lines: [String: Int] = [:]
    /// Rank of each key path in the order of the document.
    private(set) var ranks: [String: Int] = [:]
    /// Everything that can be touched by an editor, in the order of the document.
    private(set) var entries: [TOMLEntry] = []

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var tableCounts: [String: Int] = [:]

    init(of text: String) {
        bytes = Array(text.utf8)
        var table = ""
        var header: Int?
        while skipBlank(), index < bytes.count {
            if bytes[index] == UInt8(ascii: "[") {
                header = entries.count
                table = readHeader()
            } else {
                readPair(in: table, kind: .pair, parent: header)
            }
        }
    }

    private mutating func note(_ path: String) {
        if lines[path] == nil {
            lines[path] = line
            ranks[path] = ranks.count
        }
    }

    /// Reads `[a.b]` or `[[a.b]]` and returns the path of the table that it opens.
    private mutating func readHeader() -> String {
        let start = index
        index += 1
        let isArray = peek == UInt8(ascii: "[")
        if isArray { index += 1 }
        let keys = readKeys()
        var path = ""
        for (position, key) in keys.enumerated() {
            path = KeyPath.joined(path, key)
            note(path)
            if isArray, position == keys.count - 1 { tableCounts[path, default: 0] += 1 }
            if let count = tableCounts[path] {
                path = KeyPath.element(path, count - 1)
                note(path)
            }
        }
        index += isArray ? 2 : 1
        let end = min(index, bytes.count)
        entries.append(
            TOMLEntry(kind: isArray ? .arrayTable : .table, path: path, start: start, value: end..<end, parent: nil)
        )
        return path
    }

    private mutating func readPair(in table: String, kind: TOMLEntry.Kind, parent: Int?) {
        let start = index
        var path = table
        for key in readKeys() {
            path = KeyPath.joined(path, key)
            note(path)
        }
        index += 1
        readValue(of: TOMLEntry(kind: kind, path: path, start: start, value: start..<start, parent: parent))
    }

    /// Reads a dotted key up to the `=` or `]` behind it.
    private mutating func readKeys() -> [String] {
        var keys: [String] = []
        while index < bytes.count {
            skipSpaces()
            switch peek {
            case UInt8(ascii: "\""): keys.append(Self.unescaped(readString()))
            case UInt8(ascii: "'"): keys.append(readString())
            case UInt8(ascii: "."): index += 1
            case UInt8(ascii: "="), UInt8(ascii: "]"), nil: return keys
            default:
                let start = index
                while let byte = peek, !Self.endsBareKey(byte) { index += 1 }
                keys.append(String(decoding: bytes[start..<index], as: UTF8.self))
            }
        }
        return keys
    }

    /// Reads a value and notes the entry that has it.
    private mutating func readValue(of entry: TOMLEntry) {
        skipSpaces()
        let position = entries.count
        let start = min(index, bytes.count)
        entries.append(entry)
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = readString()
        case UInt8(ascii: "["): readArray(at: entry.path, parent: position)
        case UInt8(ascii: "{"): readInlineTable(at: entry.path, parent: position)
        default: readBareValue()
        }
        entries[position].value = start..<max(start, min(index, bytes.count))
    }

    private mutating func readBareValue() {
        while let byte = peek, !Self.endsBareValue(byte) { index += 1 }
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        while index > 0, index <= bytes.count, isBlank(bytes[index - 1]) { index -= 1 }
    }

    private mutating func readArray(at path: String, parent: Int) {
        index += 1
        var element = 0
        while skipBlank(), let byte = peek, byte != UInt8(ascii: "]") {
            if byte == UInt8(ascii: ",") {
                index += 1
                element += 1
            } else {
                let elementPath = KeyPath.element(path, element)
                note(elementPath)
                readValue(
                    of: TOMLEntry(kind: .element, path: elementPath, start: index, value: index..<index, parent: parent)
                )
            }
        }
        index += 1
    }

    private mutating func readInlineTable(at path: String, parent: Int) {
        index += 1
        while skipBlank(), let byte = peek, byte != UInt8(ascii: "}") {
            if byte == UInt8(ascii: ",") { index += 1 } else { readPair(in: path, kind: .member, parent: parent) }
        }
        index += 1
    }

    /// The text of a quoted key; its escapes are nearly those of JSON.
    private static func unescaped(_ raw: String) -> String {
        guard raw.contains("\\") else { return raw }
        // What JSON does not know (`\UXXXXXXXX`) stays as it is: the key then has no line, which is no harm.
        return (try? JSONValue(parsing: "\"\(raw)\""))?.stringValue ?? raw
    }

    /// Reads a string of any of the four forms; escapes stay as they are.
    private mutating func readString() -> String {
        let quote = bytes[index]
        let isMultiLine = index + 2 < bytes.count && bytes[index + 1] == quote && bytes[index + 2] == quote
        index += isMultiLine ? 3 : 1
        let start = index
        while let byte = peek {
            if byte == UInt8(ascii: "\n") { line += 1 }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                index += 1
                if peek == UInt8(ascii: "\n") { line += 1 }
            } else if byte == quote, !isMultiLine || closes(quote) {
                break
            }
            index += 1
        }
        let text = String(decoding: bytes[start..<min(index, bytes.count)], as: UTF8.self)
        index += isMultiLine ? 3 : 1
        return text
    }

    /// Whether the last three quotes of a run begin here: a multi-line string may end in up to two quotes of its own.
    private func closes(_ quote: UInt8) -> Bool {
        guard index + 2 < bytes.count, bytes[index + 1] == quote, bytes[index + 2] == quote else { return false }
        return index + 3 >= bytes.count || bytes[index + 3] != quote
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpaces() {
        while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { index += 1 }
    }

    /// Skips blanks, line ends and comments.
    ///
    /// Always true, so that it can stand in a loop's condition.
    private mutating func skipBlank() -> Bool {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                index += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
            case UInt8(ascii: "#"): while let next = peek, next != UInt8(ascii: "\n") { index += 1 }
            default: return true
            }
        }
        return true
    }

    private static func endsBareKey(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "]")
            || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func endsBareValue(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
            || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "#")
    }
}
