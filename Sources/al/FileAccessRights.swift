import Foundation

/// Permissions of private directories.
enum FileAccessRights {
    /// Takes all rights of group and others from a file or a whole tree: `chmod -R go=`.
    static func close(_ path: String) throws {
        let files = FileManager.default
        let below = files.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        for item in [path] + below.map({ "\(path)/\($0)" }) {
            guard let mode = try files.attributesOfItem(atPath: item)[.posixPermissions] as? Int else { continue }
            try files.setAttributes([.posixPermissions: mode & 0o700], ofItemAtPath: item)
        }
    }

    /// Whether group or others can reach it; a path that is not there cannot be reached.
    static func isOpen(_ path: String) -> Bool {
        // No attributes: nothing there.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.posixPermissions] as? Int ?? 0) & 0o077 != 0
    }
}
