import Credentials

/// Text that comes in pieces, without its secrets and in whole characters.
struct StreamedText {
    private var stream: RedactionStream
    /// The beginning of a character whose end has not come.
    private var rest: [UInt8] = []

    init(_ redaction: Redactor) { stream = redaction.stream() }

    /// Takes in a piece; returns what is certain.
    mutating func append(_ text: String) -> String { whole(stream.append(text.utf8)) }

    /// Ends the text; returns what was held back.
    mutating func finish() -> String {
        let bytes = rest + stream.finish()
        rest = []
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func whole(_ bytes: [UInt8]) -> String {
        let all = rest + bytes
        // A character has at most four bytes, of which only the first is none of 10xxxxxx.
        let begin = all.suffix(4).lastIndex { $0 & 0xC0 != 0x80 } ?? all.endIndex
        let isWhole = begin == all.endIndex || all.endIndex - begin >= Self.length(of: all[begin])
        let end = isWhole ? all.endIndex : begin
        rest = Array(all[end...])
        return String(decoding: all[..<end], as: UTF8.self)
    }

    private static func length(of first: UInt8) -> Int {
        switch first {
        case 0xF0...: 4
        case 0xE0...: 3
        case 0xC0...: 2
        default: 1
        }
    }
}
