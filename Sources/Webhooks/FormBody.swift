/// Bodies of `application/x-www-form-urlencoded` requests.
package enum FormBody {
    /// The decoded value of a field.
    ///
    /// - Parameters:
    ///   - name: the field, in plain ASCII.
    ///   - body: the raw form.
    /// - Returns: the bytes; `nil` when the field is absent or badly encoded.
    package static func value(of name: String, in body: [UInt8]) -> [UInt8]? {
        let fields = body.split(separator: UInt8(ascii: "&"))
        for field in fields where field.starts(with: name.utf8) {
            let rest = field.dropFirst(name.utf8.count)
            guard rest.first == UInt8(ascii: "=") else { continue }
            return decode(rest.dropFirst())
        }
        return nil
    }

    private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            switch text[index] {
            case UInt8(ascii: "+"):
                bytes.append(0x20)
                index += 1
            case UInt8(ascii: "%"):
                guard index + 2 < text.endIndex, text[index + 1] != UInt8(ascii: "+"),
                    let byte = UInt8(String(decoding: text[index + 1...index + 2], as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(byte)
                index += 3
            default:
                bytes.append(text[index])
                index += 1
            }
        }
        return bytes
    }
}
