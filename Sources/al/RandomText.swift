import Domain

/// Random texts from the system's source.
enum RandomText {
    /// So many bytes.
    static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max) }
    }

    /// So many bytes in hexadecimal.
    static func hex(bytes count: Int) -> String {
        bytes(count).hexText
    }
}
