/// Finds what the parser does not refuse but ends the process for: it takes some mistakes for impossible.
///
/// Everything found is a syntax error by any reading. The scan is right as far as a text is valid, and the first mistake is
/// where the parser stops: one of these, or another that it reports itself.
struct TOMLGuard {
    /// Where a text is wrong, and why.
    struct Refusal: Hashable {
        /// From 1.
        var line: Int
        var column: Int
        var reason: String
    }

    private let bytes: [UInt8]
    private var index = 0
    /// Brackets and braces that are open.
    private var open: [UInt8] = []
    private var isAtLineStart = true
    private var expectsValue = false

    /// Looks through a whole text; `nil`: the parser may have it.
    static func refusal(of text: String) -> Refusal? {
        var scan = TOMLGuard(bytes: Array(text.utf8))
        return scan.run().map { reason in
            let before = scan.bytes[..<scan.index]
            let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let line = before.reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
            return Refusal(line: line, column: scan.index - lineStart + 1, reason: reason)
        }
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Goes to the first mistake.
    private mutating func run() -> String? {
        while let byte = byte(at: index) {
            switch byte {
            case 0: return "a NUL character is not allowed"
            case UInt8(ascii: "\n"):
                isAtLineStart = true
                index += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
            case UInt8(ascii: "#"): while let next = self.byte(at: index), next != UInt8(ascii: "\n") { index += 1 }
            default:
                if let reason = look(at: byte) { return reason }
            }
        }
        return nil
    }

    private mutating func look(at byte: UInt8) -> String? {
        let (startsLine, startsValue) = (isAtLineStart, expectsValue)
        (isAtLineStart, expectsValue) = (false, false)
        if startsLine, open.isEmpty, byte == UInt8(ascii: "[") { return header() }
        if startsValue, byte >= 0x80 { return "no value begins with this character" }
        if startsValue, isBrokenTime { return "a time after a date is written as in 2026-01-31T07:30:00" }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(byte)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            open.append(byte)
            expectsValue = byte == UInt8(ascii: "[")
            index += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            if byte == UInt8(ascii: "}"), open.last == UInt8(ascii: "[") { return "expected a value or ], found }" }
            _ = open.popLast()
            index += 1
        default:
            expectsValue =
                byte == UInt8(ascii: "=") || (byte == UInt8(ascii: ",") && open.last == UInt8(ascii: "["))
            index += 1
        }
        return nil
    }

    /// The name of a table begins with a character of a key or a quote.
    private mutating func header() -> String? {
        index += byte(at: index + 1) == UInt8(ascii: "[") ? 2 : 1
        while let byte = byte(at: index), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { index += 1 }
        guard let first = byte(at: index), first != UInt8(ascii: "]"), !Self.beginsKey(first) else { return nil }
        return "a table's name begins with a letter, a digit, - or _, or is quoted"
    }

    private static func beginsKey(_ byte: UInt8) -> Bool {
        let character = Unicode.Scalar(byte)
        return character.properties.isASCIIHexDigit || ("a"..."z").contains(character)
            || ("A"..."Z").contains(character)
            || "_-\"'".unicodeScalars.contains(character)
    }

    /// Ten characters in the shape of a date, and behind them the beginning of a time that is none.
    private var isBrokenTime: Bool {
        var date: [UInt8] = []
        var end = index
        // The parser passes over underscores, and what else stands in a date it does not look at yet.
        while let byte = byte(at: end), !Self.endsValue(byte), date.count < 10 || Self.isSkipped(byte) {
            if !Self.isSkipped(byte) { date.append(byte) }
            end += 1
        }
        guard date.count == 10, Self.isDigit(date[0]), date[4] == UInt8(ascii: "-"), date[7] == UInt8(ascii: "-"),
            let next = byte(at: end)
        else { return false }
        let following = byte(at: end + 1)
        if next == UInt8(ascii: "T") || next == UInt8(ascii: "t") {
            return following.map { !Self.isDigit($0) } ?? false
        }
        guard next == UInt8(ascii: " "), let following, Self.isDigit(following) else { return false }
        return byte(at: end + 2).map { !Self.isDigit($0) } ?? false
    }

    /// An underscore, or a further byte of one character.
    private static func isSkipped(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "_") || byte & 0xC0 == 0x80 }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func endsValue(_ byte: UInt8) -> Bool { " \t\r\n]},#".utf8.contains(byte) }

    private mutating func skipString(_ quote: UInt8) {
        let isMultiLine = byte(at: index + 1) == quote && byte(at: index + 2) == quote
        index += isMultiLine ? 3 : 1
        while let byte = byte(at: index) {
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                index += 2
                continue
            }
            if !isMultiLine, byte == UInt8(ascii: "\n") { return }
            guard byte == quote,
                !isMultiLine || (self.byte(at: index + 1) == quote && self.byte(at: index + 2) == quote)
            else {
                index += 1
                continue
            }
            index += isMultiLine ? 3 : 1
            // Such a string may end in up to two quotes of its own.
            for _ in 0..<2 where isMultiLine && self.byte(at: index) == quote { index += 1 }
            return
        }
    }
}
