/// Checks that a text is JSON (RFC 8259) and finds where its values stand, without making any.
struct JSONScanner {
    /// Unchecked where the compiler optimises: every index is compared with the count first.
    private let bytes: UnsafeBufferPointer<UInt8>
    private let depthLimit: Int
    private var position = 0
    private var entries: [JSONEntry] = []

    /// The entries of a document with nothing but white space around it; the first is the whole.
    static func entries(
        of bytes: UnsafeBufferPointer<UInt8>,
        depthLimit: Int
    ) throws(JSONError) -> [JSONEntry] {
        var scanner = JSONScanner(bytes: bytes, depthLimit: depthLimit)
        try scanner.scanDocument()
        return scanner.entries
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    private mutating func scanDocument() throws(JSONError) {
        guard bytes.count < UInt32.max else { throw error("less than 4 GiB") }
        // Of what senders send, a value has some 25 bytes with its key, and each is an entry.
        entries.reserveCapacity(bytes.count / 12 + 1)
        try scanValue(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw error("end of the document") }
    }

    private mutating func scanValue(depth: Int) throws(JSONError) {
        guard depth <= depthLimit else { throw error("at most \(depthLimit) levels of nesting") }
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): try scanObject(depth: depth)
        case UInt8(ascii: "["): try scanArray(depth: depth)
        case UInt8(ascii: "\""): try scanString()
        case UInt8(ascii: "t"): try scan("true", as: .yes)
        case UInt8(ascii: "f"): try scan("false", as: .no)
        case UInt8(ascii: "n"): try scan("null", as: .null)
        default: try scanNumber()
        }
    }

    private mutating func scanObject(depth: Int) throws(JSONError) {
        let entry = open(.object)
        skipBlanks()
        if accept("}") { return close(entry) }
        repeat {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw error("a key in double quotes") }
            try scanString()
            skipBlanks()
            guard accept(":") else { throw error("a colon after the key") }
            try scanValue(depth: depth + 1)
            skipBlanks()
        } while accept(",")
        guard accept("}") else { throw error("a comma or \"}\"") }
        close(entry)
    }

    private mutating func scanArray(depth: Int) throws(JSONError) {
        let entry = open(.array)
        skipBlanks()
        if accept("]") { return close(entry) }
        repeat {
            try scanValue(depth: depth + 1)
            skipBlanks()
        } while accept(",")
        guard accept("]") else { throw error("a comma or \"]\"") }
        close(entry)
    }

    private mutating func scanString() throws(JSONError) {
        position += 1
        let start = position
        var kind = JSONEntry.Kind.plainString
        while true {
            position = bytes.endOfPlainText(from: position)
            switch current {
            case UInt8(ascii: "\""):
                add(kind, from: start)
                position += 1
                return
            case UInt8(ascii: "\\"):
                kind = .escapedString
                try skipEscape()
            case 0x7F: position += 1
            case nil: throw error("the closing quote of a string")
            default: throw error("no control character inside a string")
            }
        }
    }

    private mutating func skipEscape() throws(JSONError) {
        position += 1
        guard let letter = current, "\"\\/bfnrtu".utf8.contains(letter) else {
            throw error("an escape (one of \" \\ / b f n r t u)")
        }
        position += 1
        guard letter == UInt8(ascii: "u") else { return }
        guard position + 4 <= bytes.count, bytes[position..<position + 4].allSatisfy({ $0.hexValue != nil }) else {
            throw error("four hexadecimal digits")
        }
        position += 4
    }

    private mutating func scanNumber() throws(JSONError) {
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
        add(.number, from: start)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func scan(_ word: StaticString, as kind: JSONEntry.Kind) throws(JSONError) {
        let matches = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw error("a value") }
        let start = position
        position += word.utf8CodeUnitCount
        add(kind, from: start)
    }

    // Entries

    private mutating func add(_ kind: JSONEntry.Kind, from start: Int) {
        let next = UInt32(truncatingIfNeeded: entries.count + 1)
        entries.append(JSONEntry(kind: kind, start: offset(start), end: offset(position), next: next))
    }

    /// The entry of a container whose opening bracket is here; its end is not known yet.
    private mutating func open(_ kind: JSONEntry.Kind) -> Int {
        add(kind, from: position)
        position += 1
        return entries.count - 1
    }

    private mutating func close(_ entry: Int) {
        entries[entry].end = offset(position)
        entries[entry].next = UInt32(truncatingIfNeeded: entries.count)
    }

    /// Each entry has a byte of its own, and all bytes were counted at the beginning.
    private func offset(_ position: Int) -> UInt32 { UInt32(truncatingIfNeeded: position) }

    // Bytes

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
