import OrderedCollections

/// A JSON text (RFC 8259) that is checked as a whole and read where somebody asks: of what senders send, little is ever looked at.
package final class JSONDocument: Sendable {
    private let bytes: [UInt8]
    private let entries: [JSONEntry]

    /// Checks a document with nothing but white space around it.
    ///
    /// Nesting deeper than the limit is refused, so that hostile input cannot exhaust the stack.
    ///
    /// - Throws: ``JSONError`` with the byte offset.
    package init(parsing bytes: [UInt8], depthLimit: Int = 256) throws(JSONError) {
        let scanned = bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(JSONError) in try JSONScanner.entries(of: bytes, depthLimit: depthLimit) }
        }
        self.entries = try scanned.get()
        self.bytes = bytes
    }

    /// The whole document.
    package var root: JSONNode { JSONNode(document: self, index: 0) }

    func entry(_ index: Int) -> JSONEntry { entries[index] }

    /// The text of a string, or the digits of a number.
    func text(of entry: JSONEntry) -> String {
        bytes.withUnsafeBufferPointer { bytes in
            let text = UnsafeBufferPointer(rebasing: bytes[entry.range])
            return entry.kind == .escapedString ? text.unescapedText : String(decoding: text, as: UTF8.self)
        }
    }

    /// Whether a string is this text.
    func isText(_ entry: JSONEntry, _ text: String) -> Bool {
        switch entry.kind {
        case .plainString: isText(entry.range, text)
        case .escapedString: self.text(of: entry).utf8.elementsEqual(text.utf8)
        default: false
        }
    }

    private func isText(_ range: Range<Int>, _ text: String) -> Bool {
        // Most keys differ in length already.
        guard range.count == text.utf8.count else { return false }
        var text = text
        return text.withUTF8 { text in
            bytes.withUnsafeBytes { bytes in
                UnsafeRawBufferPointer(rebasing: bytes[range]).elementsEqual(UnsafeRawBufferPointer(text))
            }
        }
    }

    /// The value at an entry with all that it holds; of a repeated key the last value counts.
    func value(at index: Int) -> JSONValue {
        let entry = entries[index]
        switch entry.kind {
        case .null: return .null
        case .yes: return .bool(true)
        case .no: return .bool(false)
        case .number: return .number(text(of: entry))
        case .plainString, .escapedString: return .string(text(of: entry))
        case .array: return .array(places(in: index).map { value(at: $0) })
        case .object:
            var members = OrderedDictionary<String, JSONValue>()
            for key in places(in: index) { members[text(of: entries[key])] = value(at: key + 1) }
            return .object(members)
        }
    }

    /// The entries of an array's elements, or of an object's keys; the value of a key is the next entry.
    func places(in container: Int) -> some Sequence<Int> {
        let end = Int(entries[container].next)
        let isObject = entries[container].kind == .object
        return sequence(state: container + 1) { [entries] place in
            guard place < end else { return nil }
            defer { place = Int(entries[isObject ? place + 1 : place].next) }
            return place
        }
    }
}
