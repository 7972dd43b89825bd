import Foundation

extension CredentialStore {
    /// Directories and files of the store that others than their owner may use, in any way; sorted.
    ///
    /// Not every one of them is refused when read: a closed directory above keeps others out.
    package func widelyOpenPaths() -> [String] {
        // An absent store has nothing that could be open.
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return ([root] + names.map { "\(root)/\($0)" }).filter { mode(of: $0) & 0o077 != 0 }.sorted()
    }
}
