import Foundation

extension CredentialStore {
    /// Directories and files of the store that others than their owner may use, in any way; sorted.
    ///
    /// Not every one of them is refused when read: a closed directory above keeps others out. Where a link of the store
    /// leads is not the store's.
    package func widelyOpenPaths() -> [String] {
        // The store itself may be kept elsewhere.
        let root = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
        // An absent store has nothing that could be open.
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        let paths = [root] + names.map { "\(root)/\($0)" }.filter { !isLink($0) }
        return paths.filter { mode(of: $0) & 0o077 != 0 }.sorted()
    }

    private func isLink(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
    }
}
