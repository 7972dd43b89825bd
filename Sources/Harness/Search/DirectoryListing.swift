import Foundation

/// The names in a directory.
enum DirectoryListing {
    struct Name {
        var text: String
        /// A real directory; a link to one is none.
        var isDirectory: Bool

        /// Sorts a directory as if its slash were there, so that whole paths come out in order.
        fileprivate var key: String { isDirectory ? text + "/" : text }
    }

    /// All names but `.` and `..`, in the order of paths; `nil` when the directory cannot be read.
    static func names(_ directory: String) -> [Name]? {
        // Unreadable directories are met in passing; whoever asks for one by name is told by ``FileAccess``.
        guard let texts = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return nil }
        let names = texts.map { text in
            var status = stat()
            let isThere = lstat(directory + "/" + text, &status) == 0
            return Name(text: text, isDirectory: isThere && status.st_mode & S_IFMT == S_IFDIR)
        }
        return names.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}
