import Foundation

/// Goes through a directory and everything below it, leaving out what git ignores and `.git` itself.
///
/// Entries come sorted by path. Symbolic links are entries, but no link to a directory is followed.
struct FileWalk {
    /// Something found.
    struct Entry {
        /// From the directory where the walk began.
        var relative: String
        var absolute: String
        var isDirectory: Bool
    }

    /// What to do after an entry.
    enum Step { case goOn, stop }

    private let root: String
    private let isOver: () -> Bool

    /// Prepares a walk.
    ///
    /// - Parameters:
    ///   - root: absolute path of a directory.
    ///   - isOver: asked before each directory and each entry; true ends the walk.
    init(_ root: String, isOver: @escaping () -> Bool) {
        self.root = root
        self.isOver = isOver
    }

    /// Shows every entry.
    ///
    /// - Returns: false when the walk was cut short by `isOver`.
    func each(_ visit: @escaping (Entry) -> Step) -> Bool {
        var walker = Walker(visit: visit, isOver: isOver)
        walker.enter(root, relative: "", ignored: Self.inherited(root))
        return !walker.wasCutShort
    }

    /// The rules of the repository that hold from above the root, the outermost first.
    private static func inherited(_ root: String) -> [IgnoreFile] {
        var directory = root
        var above: [String] = []
        while access(directory + "/.git", F_OK) != 0 {
            let parent = (directory as NSString).deletingLastPathComponent
            // Without a repository only the files below the root count.
            guard parent != directory, !parent.isEmpty else { return [] }
            above.append(parent)
            directory = parent
        }
        let exclude = IgnoreFile(path: directory + "/.git/info/exclude", base: directory)
        let files = above.reversed().map { IgnoreFile(path: $0 + "/.gitignore", base: $0) }
        return ([exclude] + files).compactMap(\.self)
    }

    private struct Walker {
        let visit: (Entry) -> Step
        let isOver: () -> Bool
        var wasCutShort = false
        private var isDone = false

        init(visit: @escaping (Entry) -> Step, isOver: @escaping () -> Bool) {
            self.visit = visit
            self.isOver = isOver
        }

        mutating func enter(_ directory: String, relative: String, ignored: [IgnoreFile]) {
            var ignored = ignored
            if let own = IgnoreFile(path: directory + "/.gitignore", base: directory) { ignored.append(own) }
            for name in DirectoryListing.names(directory) ?? [] where name.text != ".git" {
                if isOver() { wasCutShort = true }
                guard !wasCutShort, !isDone else { return }
                let absolute = directory == "/" ? "/" + name.text : directory + "/" + name.text
                // The rule nearest to the entry has the last word.
                let verdict = ignored.reversed().lazy.compactMap {
                    $0.ignores(absolute, isDirectory: name.isDirectory)
                }.first
                guard verdict != true else { continue }
                let path = relative.isEmpty ? name.text : relative + "/" + name.text
                if visit(Entry(relative: path, absolute: absolute, isDirectory: name.isDirectory)) == .stop {
                    isDone = true
                    return
                }
                if name.isDirectory { enter(absolute, relative: path, ignored: ignored) }
            }
        }
    }
}
