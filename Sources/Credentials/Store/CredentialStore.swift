import Domain
import Foundation

/// The user's credentials: one file per field, `<home>/credentials/<type>/<instance>/<field>`, nothing else.
///
/// Names are checked before any path is built. Directories are 0700 and files 0600; a field that other users can reach is
/// not read at all.
package struct CredentialStore: Sendable {
    /// A stored instance without its values.
    package struct Entry: Hashable, Sendable {
        package let type: String
        package let instance: String
        /// Sorted.
        package let fields: [String]
    }

    /// Absolute path of the store.
    package let root: String

    /// Names the store of a home directory (`~/.action-llama`).
    package init(home: String) { root = home + "/credentials" }

    /// All fields of an instance; `nil` when it has none.
    ///
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`, `exposed`).
    package func read(type: String, instance: String) throws(CredentialError) -> [String: String]? {
        let directory = try path(type, instance)
        let values: [String: String]
        do throws(CredentialError) {
            values = try fields(in: directory)
        } catch let error where error.code == .unreadable {
            // Others may have replaced the instance since its fields were listed.
            values = try fields(in: directory)
        }
        return values.isEmpty ? nil : values
    }

    private func fields(in directory: String) throws(CredentialError) -> [String: String] {
        var values: [String: String] = [:]
        for field in try names(in: directory) where CredentialName.isInstance(field) {
            let path = "\(directory)/\(field)"
            guard mode(of: path) & S_IFMT != S_IFDIR else { continue }
            let value = try readField(path)
            if !value.isEmpty { values[field] = value }
        }
        return values
    }

    /// Whether an instance has at least one field with a value.
    package func exists(type: String, instance: String) throws(CredentialError) -> Bool {
        try read(type: type, instance: instance) != nil
    }

    /// Deletes an instance, and its type's directory when that is empty then.
    ///
    /// - Throws: ``CredentialError`` (`badReference`, `notFound`, `unreadable`).
    package func delete(type: String, instance: String) throws(CredentialError) {
        let directory = try path(type, instance)
        guard FileManager.default.fileExists(atPath: directory) else {
            throw .notFound(CredentialReference(type: type, instance: instance), suggestion: nil)
        }
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            throw .unwritable(directory, reason: error.localizedDescription)
        }
        // Not empty means that other instances live there.
        rmdir("\(root)/\(type)")
    }

    /// Everything that is stored, sorted; never values.
    package func list() throws(CredentialError) -> [Entry] {
        var entries: [Entry] = []
        for type in try names(in: root) where CredentialName.isType(type) {
            for instance in try instances(of: type) {
                let directory = "\(root)/\(type)/\(instance)"
                let fields = try names(in: directory).filter { isStored("\(directory)/\($0)", $0) }
                if !fields.isEmpty { entries.append(Entry(type: type, instance: instance, fields: fields)) }
            }
        }
        return entries
    }

    /// The instances of a type, sorted.
    package func instances(of type: String) throws(CredentialError) -> [String] {
        guard CredentialName.isType(type) else { throw .badReference(type) }
        return try names(in: "\(root)/\(type)").filter(CredentialName.isInstance)
    }

    /// Whether a file can be a field's; one without content counts as absent, one that cannot be looked at does not.
    private func isStored(_ path: String, _ field: String) -> Bool {
        var facts = stat()
        guard CredentialName.isInstance(field) else { return false }
        guard stat(path, &facts) == 0 else { return true }
        guard facts.st_mode & S_IFMT == S_IFREG else { return facts.st_mode & S_IFMT != S_IFDIR }
        // Only a short one can be nothing but line ends.
        return facts.st_size > 2 || (facts.st_size > 0 && (try? readField(path)) != "")
    }

    func path(_ type: String, _ instance: String) throws(CredentialError) -> String {
        guard CredentialName.isType(type), CredentialName.isInstance(instance) else {
            throw .badReference("\(type):\(instance)")
        }
        return "\(root)/\(type)/\(instance)"
    }

    /// The visible entries, sorted; none where no directory stands, a stray file included.
    func names(in directory: String) throws(CredentialError) -> [String] {
        let kind = mode(of: directory) & S_IFMT
        guard kind == 0 || kind == S_IFDIR else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasPrefix(".") }.sorted()
        } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
            return []
        } catch {
            throw .unreadable(directory, reason: Self.reason(error))
        }
    }

    func readField(_ path: String) throws(CredentialError) -> String {
        guard !isExposed(path) else { throw .exposed(path, store: root) }
        return try content(of: path)
    }

    /// What a field holds, whoever else can read it: not to be handed to anything but redaction.
    func content(of path: String) throws(CredentialError) -> String {
        do {
            let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw .unreadable(path, reason: Self.reason(error))
        }
    }

    /// The system's own words where there are some: Foundation's may be no more than the number of its error.
    private static func reason(_ error: any Error) -> String {
        guard let cause = (error as? CocoaError)?.underlying as? POSIXError else { return error.localizedDescription }
        return String(cString: strerror(cause.code.rawValue))
    }

    /// Readable by others, and every directory down from the store searchable by others.
    private func isExposed(_ path: String) -> Bool {
        guard mode(of: path) & 0o004 != 0 else { return false }
        var directory = URL(fileURLWithPath: path).deletingLastPathComponent()
        while directory.path.count >= root.count {
            if mode(of: directory.path) & 0o001 == 0 { return false }
            directory.deleteLastPathComponent()
        }
        return true
    }

    func mode(of path: String) -> mode_t {
        var facts = stat()
        return stat(path, &facts) == 0 ? facts.st_mode : 0
    }
}
