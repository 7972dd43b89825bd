#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whether a file or directory is there.
///
/// Only what the system says is not there is absent: an agent whose files cannot be looked at for a moment was not removed.
enum FilePresence {
    case present
    case absent
    case unreadable

    /// Looks behind links.
    init(of path: String) {
        var facts = stat()
        self = stat(path, &facts) == 0 ? .present : errno == ENOENT || errno == ENOTDIR ? .absent : .unreadable
    }
}

extension Problem {
    /// A file or directory that is there and cannot be read.
    static func unreadable(_ file: String) -> Problem {
        Problem(code: .configSyntax, file: file, text: "cannot be read; check its permissions")
    }
}
