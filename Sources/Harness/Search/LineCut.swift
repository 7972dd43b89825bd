/// Lines as results show them: what is long is cut, since a file may be one line.
enum LineCut {
    private static let characters = 500

    /// As many bytes as ``text(_:)`` looks at.
    static func bytes(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> { line.prefix(4 * characters + 4) }

    /// The line, or its beginning and a mark.
    static func text(_ line: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes(line), as: UTF8.self)
        return text.count > characters ? text.prefix(characters) + "… [line cut]" : text
    }
}
