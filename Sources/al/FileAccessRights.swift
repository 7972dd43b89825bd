import Foundation

/// Permissions of private directories.
enum FileAccessRights {
    /// Takes all rights of group and others from a file or a whole tree: `chmod -R go=`.
    ///
    /// The path itself may be a link; where the links below it lead stays as it is.
    static func close(_ path: String) throws {
        let files = FileManager.default
        let top = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let below = files.enumerator(atPath: top)?.compactMap { $0 as? String } ?? []
        for item in [top] + below.map({ "\(top)/\($0)" }) {
            let attributes = try files.attributesOfItem(atPath: item)
            guard let mode = attributes[.posixPermissions] as? Int,
                attributes[.type] as? FileAttributeType != .typeSymbolicLink
            else { continue }
            try files.setAttributes([.posixPermissions: mode & 0o700], ofItemAtPath: item)
        }
    }

    /// Whether group or others can reach it; a path that is not there cannot be reached.
    static func isOpen(_ path: String) -> Bool {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        // No attributes: nothing there.
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        return (attributes?[.posixPermissions] as? Int ?? 0) & 0o077 != 0
    }
}
