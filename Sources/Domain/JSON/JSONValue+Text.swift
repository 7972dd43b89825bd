import OrderedCollections

extension JSONValue {
    /// The document on one line, without blanks; text outside ASCII stands as UTF-8.
    package var compactText: String {
        var writer = JSONWriter(pretty: false)
        writer.write(self, indent: 0)
        return writer.text
    }

    /// The document indented by two blanks, for people.
    package var prettyText: String {
        var writer = JSONWriter(pretty: true)
        writer.write(self, indent: 0)
        return writer.text
    }

    /// The text of an object with these members, in their order, without making one; no key may be there twice.
    package static func compactText(of members: [(key: String, value: JSONValue)]) -> String {
        var writer = JSONWriter(pretty: false)
        writer.write(members, indent: 0)
        return writer.text
    }

    /// The text as a JSON string literal with its quotes.
    package static func quoted(_ text: String) -> String {
        var writer = JSONWriter(pretty: false)
        writer.write(text)
        return writer.text
    }
}

private struct JSONWriter {
    private var bytes: [UInt8] = []
    private let pretty: Bool

    init(pretty: Bool) {
        self.pretty = pretty
        bytes.reserveCapacity(256)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func write(_ value: JSONValue, indent: Int) {
        switch value {
        case .null: add("null")
        case .bool(let value): add(value ? "true" : "false")
        case .number(let digits): bytes.append(contentsOf: digits.utf8)
        case .string(let string): write(string)
        case .array(let values): write(values, indent: indent)
        case .object(let members): write(members.elements, indent: indent)
        }
    }

    private mutating func write(_ values: [JSONValue], indent: Int) {
        add("[")
        for (index, value) in values.enumerated() {
            if index > 0 { add(",") }
            newLine(indent + 1)
            write(value, indent: indent + 1)
        }
        if !values.isEmpty { newLine(indent) }
        add("]")
    }

    mutating func write(_ members: some Sequence<(key: String, value: JSONValue)>, indent: Int) {
        add("{")
        var isEmpty = true
        for (key, value) in members {
            if !isEmpty { add(",") }
            isEmpty = false
            newLine(indent + 1)
            write(key)
            add(pretty ? ": " : ":")
            write(value, indent: indent + 1)
        }
        if !isEmpty { newLine(indent) }
        add("}")
    }

    private mutating func newLine(_ indent: Int) {
        guard pretty else { return }
        add("\n")
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * indent))
    }

    /// Byte by byte: of one or two, as nearly all of these texts have, that costs less than a copy.
    private mutating func add(_ text: StaticString) {
        text.withUTF8Buffer { for byte in $0 { bytes.append(byte) } }
    }

    /// Copies what needs no escape in whole stretches: most texts need none.
    mutating func write(_ string: String) {
        var string = string
        add("\"")
        string.withUTF8 { text in
            var start = 0
            while start < text.count {
                let end = text.endOfPlainText(from: start)
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
                if end < text.count { escape(text[end]) }
                start = end + 1
            }
        }
        add("\"")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): add("\\\"")
        case UInt8(ascii: "\\"): add("\\\\")
        case UInt8(ascii: "\n"): add("\\n")
        case UInt8(ascii: "\r"): add("\\r")
        case UInt8(ascii: "\t"): add("\\t")
        case 0x08: add("\\b")
        case 0x0C: add("\\f")
        default:
            add("\\u00")
            bytes.append(contentsOf: [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 0xF)]])
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
