import Foundation

/// The standard streams: results on one, everything said to people beside them on the other.
enum Console {
    /// Writes a line to standard output.
    static func output(_ line: String) {
        write(line + "\n", to: 1)
    }

    /// Writes a line to standard error.
    static func error(_ line: String) {
        write(line + "\n", to: 2)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            // A reader that went away (`al logs | head`) is no failure of ours.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
