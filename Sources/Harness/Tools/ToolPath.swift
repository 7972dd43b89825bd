import Foundation

/// A path as the model wrote it, made absolute.
struct ToolPath: Hashable {
    /// Absolute, without `.` and `..`.
    let absolute: String

    /// Drops a leading `@`, expands `~`, takes the blanks of other scripts for spaces.
    init(_ written: String, in context: ToolContext) {
        var text = String(String.UnicodeScalarView(written.unicodeScalars.map { Self.isBlank($0) ? " " : $0 }))
        if text.hasPrefix("@") { text.removeFirst() }
        if text == "~" || text.hasPrefix("~/"), let home = context.environment["HOME"] {
            text = home + text.dropFirst()
        }
        if !text.hasPrefix("/") { text = context.workingDirectory + "/" + text }
        absolute = Self.normalized(text)
    }

    /// The path with symbolic links followed as far as it exists, so that two names of one file compare equal.
    var resolved: String {
        var missing: [Substring] = []
        var existing = Substring(absolute)
        while existing.count > 1 {
            if let real = realpath(String(existing), nil) {
                defer { free(real) }
                return ([String(cString: real)] + missing.reversed().map(String.init)).joined(separator: "/")
            }
            guard let slash = existing.lastIndex(of: "/") else { break }
            missing.append(existing[existing.index(after: slash)...])
            existing = existing[..<slash]
        }
        return absolute
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                // As for the shell: what is above a link is above what it leads to.
                let link = "/" + parts.joined(separator: "/")
                if isLink(link), let real = realpath(link, nil) {
                    defer { free(real) }
                    parts = String(cString: real).split(separator: "/")
                }
                _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}
