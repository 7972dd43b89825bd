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

    /// The text as a JSON string literal with its quotes.
    package static func quoted(_ text: String) -> String {
        var writer = JSONWriter(pretty: false)
        writer.write(text)
        return writer.text
    }
}

private struct JSONWriter {
    var text = ""
    let pretty: Bool

    init(pretty: Bool) { self.pretty = pretty }

    mutating func write(_ value: JSONValue, indent: Int) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let string): write(string)
        case .array(let values):
            writeList("[", "]", count: values.count, indent: indent) { writer, index in
                writer.write(values[index], indent: indent + 1)
            }
        case .object(let members):
            writeList("{", "}", count: members.count, indent: indent) { writer, index in
                let member = members.elements[index]
                writer.write(member.key)
                writer.text += writer.pretty ? ": " : ":"
                writer.write(member.value, indent: indent + 1)
            }
        }
    }

    private mutating func writeList(
        _ open: String,
        _ close: String,
        count: Int,
        indent: Int,
        element: (inout JSONWriter, Int) -> Void
    ) {
        text += open
        for index in 0..<count {
            if index > 0 { text += "," }
            if pretty { newLine(indent + 1) }
            element(&self, index)
        }
        if pretty, count > 0 { newLine(indent) }
        text += close
    }

    private mutating func newLine(_ indent: Int) {
        text += "\n" + String(repeating: "  ", count: indent)
    }

    mutating func write(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{8}": text += "\\b"
            case "\u{c}": text += "\\f"
            case let control where control.value < 0x20 || control.value == 0x7f:
                let digits = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
