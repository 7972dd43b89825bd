import OrderedCollections

/// Where and why a text is not JSON.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Offset of the first byte that does not fit, from 0.
    package let offset: Int
    /// What was expected there.
    package let reason: String

    package var description: String { "not valid JSON at byte \(offset): \(reason)" }
}

extension JSONValue {
    /// Parses one JSON document (RFC 8259) with nothing but white space around it.
    ///
    /// Invalid UTF-8 inside strings is replaced by U+FFFD, a lone surrogate escape likewise; of a repeated key the last value counts.
    ///
    /// Nesting deeper than the limit is refused, so that hostile input cannot exhaust the stack.
    ///
    /// - Throws: ``JSONError`` with the byte offset.
    package init(parsing bytes: some Collection<UInt8>, depthLimit: Int = 256) throws(JSONError) {
        let result = bytes.withContiguousStorageIfAvailable { Self.parse($0, depthLimit: depthLimit) }
        self = try (result ?? Array(bytes).withUnsafeBufferPointer { Self.parse($0, depthLimit: depthLimit) }).get()
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(bytes: bytes, depthLimit: depthLimit)
        do {
            return .success(try parser.parseDocument())
        } catch {
            return .failure(error)
        }
    }

    /// Parses a text.
    ///
    /// - Throws: ``JSONError`` with the byte offset.
    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: text.utf8)
    }
}

private struct JSONParser {
    /// Unchecked where the compiler optimises: every index is compared with the count first.
    let bytes: UnsafeBufferPointer<UInt8>
    let depthLimit: Int
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        let value = try parseValue(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw error("end of the document") }
        return value
    }

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= depthLimit else { throw error("at most \(depthLimit) levels of nesting") }
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return try parseObject(depth: depth)
        case UInt8(ascii: "["): return try parseArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parse("true", as: .bool(true))
        case UInt8(ascii: "f"): return try parse("false", as: .bool(false))
        case UInt8(ascii: "n"): return try parse("null", as: .null)
        default: return try parseNumber()
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var members = OrderedDictionary<String, JSONValue>()
        skipBlanks()
        if accept("}") { return .object(members) }
        repeat {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw error("a key in double quotes") }
            let key = try parseString()
            skipBlanks()
            guard accept(":") else { throw error("a colon after the key") }
            members[key] = try parseValue(depth: depth + 1)
            skipBlanks()
        } while accept(",")
        guard accept("}") else { throw error("a comma or \"}\"") }
        return .object(members)
    }

    private mutating func parseArray(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipBlanks()
        if accept("]") { return .array(values) }
        repeat {
            values.append(try parseValue(depth: depth + 1))
            skipBlanks()
        } while accept(",")
        guard accept("]") else { throw error("a comma or \"]\"") }
        return .array(values)
    }

    private mutating func parseString() throws(JSONError) -> String {
        position += 1
        var start = position
        var pieces: [UInt8] = []
        while true {
            position = bytes.endOfPlainText(from: position)
            switch current {
            case UInt8(ascii: "\""):
                let tail = UnsafeBufferPointer(rebasing: bytes[start..<position])
                position += 1
                guard !pieces.isEmpty else { return String(decoding: tail, as: UTF8.self) }
                pieces.append(contentsOf: tail)
                return String(decoding: pieces, as: UTF8.self)
            case UInt8(ascii: "\\"):
                pieces.append(contentsOf: bytes[start..<position])
                pieces.append(contentsOf: String(try parseEscape()).utf8)
                start = position
            case 0x7F: position += 1
            case nil: throw error("the closing quote of a string")
            default: throw error("no control character inside a string")
            }
        }
    }

    private mutating func parseEscape() throws(JSONError) -> Unicode.Scalar {
        position += 1
        let letter = current
        position += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape()
        default:
            position -= 1
            throw error("an escape (one of \" \\ / b f n r t u)")
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try parseFourDigits()
        guard (0xD800..<0xDC00).contains(first), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let mark = position
        position += 2
        let second = try parseFourDigits()
        guard (0xDC00..<0xE000).contains(second) else {
            position = mark
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func parseFourDigits() throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
            bytes[position] != UInt8(ascii: "+"), bytes[position] != UInt8(ascii: "-")
        else { throw error("four hexadecimal digits") }
        position += 4
        return value
    }

    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        _ = accept("-")
        if !accept("0") {
            guard skipDigits() > 0 else {
                position = start
                throw error("a value")
            }
        }
        if accept(".") {
            guard skipDigits() > 0 else { throw error("a digit after the decimal point") }
        }
        if accept("e") || accept("E") {
            if !accept("+") { _ = accept("-") }
            guard skipDigits() > 0 else { throw error("a digit in the exponent") }
        }
        return .number(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self))
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func parse(_ word: StaticString, as value: JSONValue) throws(JSONError) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw error("a value") }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func error(_ expected: String) -> JSONError { JSONError(offset: position, reason: "expected \(expected)") }
}
