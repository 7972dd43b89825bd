import Domain

/// Reads bytes from hexadecimal digits of either case; `nil` when the text is anything else.
func bytes(hex: some BidirectionalCollection<UInt8>) -> [UInt8]? {
    guard hex.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hex.count / 2)
    var high: UInt8?
    for character in hex {
        guard let digit = character.hexValue else { return nil }
        if let first = high {
            bytes.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return bytes
}
