import Domain
import Foundation

extension CredentialStore {
    /// Stores an instance: all its fields or, on failure, what was there before.
    ///
    /// On disk when it returns. One field in the place of one field changes in a single step, so that readers see the old
    /// value or the new one; several change within two steps, between which the instance is absent for a moment.
    ///
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`).
    package func write(type: String, instance: String, fields: [String: String]) throws(CredentialError) {
        let directory = try path(type, instance)
        try stage(type, instance, fields) { staged in
            if let field = fields.keys.first, fields.count == 1, try names(in: directory) == [field] {
                try chmod(directory, to: 0o700)
                _ = try DurableFile.move("\(staged)/\(field)", to: "\(directory)/\(field)")
                try DurableFile.flush(directory: directory)
                try FileManager.default.removeItem(atPath: staged)
            } else {
                try replace(directory, with: staged)
            }
            return true
        }
    }

    /// Stores an instance that is absent; does nothing when it is there, also when it came this very moment.
    ///
    /// On disk when it returns.
    ///
    /// - Returns: whether it was stored.
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`).
    package func create(type: String, instance: String, fields: [String: String]) throws(CredentialError) -> Bool {
        let directory = try path(type, instance)
        return try stage(type, instance, fields) { try DurableFile.move($0, to: directory) }
    }

    /// Writes the fields into a directory beside the instance's and hands that over to be moved; it is gone afterwards.
    @discardableResult
    private func stage(
        _ type: String,
        _ instance: String,
        _ fields: [String: String],
        _ move: (String) throws -> Bool
    ) throws(CredentialError) -> Bool {
        guard fields.keys.allSatisfy(CredentialName.isInstance) else { throw .badReference("\(type):\(instance)") }
        let parent = "\(root)/\(type)"
        let staged = "\(parent)/.\(instance).\(getpid())"
        do {
            try createDirectories(type)
            try removeLeftovers(staged)
            try FileManager.default.createDirectory(
                atPath: staged,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            for (field, value) in fields {
                let text = value.trimmingCharacters(in: .whitespacesAndNewlines) + "\n"
                try DurableFile.create("\(staged)/\(field)", text)
            }
            try DurableFile.flush(directory: staged)
            let isMoved = try move(staged)
            try removeLeftovers(staged)
            try DurableFile.flush(directory: parent)
            return isMoved
        } catch {
            throw .unwritable("\(parent)/\(instance)", reason: error.localizedDescription)
        }
    }

    /// Left over by a write that was interrupted, or by a loser of two creations.
    private func removeLeftovers(_ staged: String) throws {
        for leftover in [staged, staged + ".old"] where FileManager.default.fileExists(atPath: leftover) {
            try FileManager.default.removeItem(atPath: leftover)
        }
    }

    private func createDirectories(_ type: String) throws {
        let files = FileManager.default
        let home = URL(fileURLWithPath: root).deletingLastPathComponent().path
        if !files.fileExists(atPath: home) {
            try files.createDirectory(atPath: home, withIntermediateDirectories: true)
            try chmod(home, to: 0o700)
        }
        for (parent, directory) in [(home, root), (root, "\(root)/\(type)")] {
            let isNew = !files.fileExists(atPath: directory)
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try chmod(directory, to: 0o700)
            if isNew { try DurableFile.flush(directory: parent) }
        }
    }

    private func chmod(_ path: String, to mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Puts a directory in the place of another, which is whole again when that fails.
    private func replace(_ directory: String, with staged: String) throws {
        let files = FileManager.default
        let previous = staged + ".old"
        let isThere = files.fileExists(atPath: directory)
        if isThere { try files.moveItem(atPath: directory, toPath: previous) }
        do {
            try files.moveItem(atPath: staged, toPath: directory)
        } catch {
            // The first failure is the one to report.
            if isThere { try? files.moveItem(atPath: previous, toPath: directory) }
            throw error
        }
    }
}
