#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An open file to which whole lines are appended; readable by its owner only.
final class AppendedFile: Sendable {
    private let descriptor: Int32

    /// Opens or creates the file; `nil` when that is impossible.
    init?(path: String) {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Appends the text in one write where the system allows it, so that lines of several processes do not mix.
    func append(_ text: String) {
        var text = text
        text.withUTF8 { text in
            var bytes = UnsafeRawBufferPointer(text)
            while !bytes.isEmpty {
                let count = write(descriptor, bytes.baseAddress, bytes.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(count))
            }
        }
    }
}
