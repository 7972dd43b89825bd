import Domain
import Foundation

/// The user's credentials as files: `<root>/<type>/<instance>/<field>`, each the value and one newline.
///
/// Names are checked before any path is built. Nothing is cached: files may be written by hand.
package struct CredentialStore: Sendable {
    /// Absolute path of the directory `credentials`.
    package let root: String

    /// Opens the store, which need not exist yet.
    ///
    /// - Parameter home: the user's directory, normally `~/.action-llama`.
    package init(home: String) { root = "\(home)/credentials" }

    /// All fields of one instance, by name.
    ///
    /// - Returns: `nil` when the instance has no field with a value.
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`, `exposed`).
    package func read(_ type: String, _ instance: String) throws(CredentialError) -> [String: String]? {
        let directory = try path(type, instance)
        var values: [String: String] = [:]
        for field in try PrivateFiles.names(in: directory) where CredentialName.isField(field) {
            let file = "\(directory)/\(field)"
            try checkExposure(of: file, type: type, instance: instance)
            let value = try PrivateFiles.text(of: file)
            if !value.isEmpty { values[field] = value }
        }
        return values.isEmpty ? nil : values
    }

    /// Whether an instance has at least one field with a value.
    package func exists(_ type: String, _ instance: String) throws(CredentialError) -> Bool {
        try read(type, instance) != nil
    }

    /// Writes fields of one instance, all or none; other fields of it stay.
    ///
    /// Values are trimmed; one that is empty then removes its field.
    ///
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`).
    package func write(_ fields: [String: String], _ type: String, _ instance: String) throws(CredentialError) {
        let directory = try path(type, instance)
        try checkFields(fields)
        var values = try rawValues(in: directory)
        values.merge(fields.mapValues(PrivateFiles.trimmed)) { $1 }
        let fresh = try prepare(values.filter { !$0.value.isEmpty }, type: type)
        try PrivateFiles.swap(fresh, into: directory)
    }

    /// Writes an instance that does not exist yet.
    ///
    /// - Returns: `false` when another process, or an earlier call, was first; nothing was written then.
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`).
    package func create(_ fields: [String: String], _ type: String, _ instance: String) throws(CredentialError) -> Bool
    {
        let directory = try path(type, instance)
        try checkFields(fields)
        let fresh = try prepare(fields.mapValues(PrivateFiles.trimmed), type: type)
        return try PrivateFiles.moveIfAbsent(fresh, to: directory)
    }

    /// Removes an instance, and its type's directory when it was the last one.
    ///
    /// - Throws: ``CredentialError`` (`notFound` with the name that was probably meant, `badReference`, `unreadable`).
    package func delete(_ type: String, _ instance: String) throws(CredentialError) {
        let directory = try path(type, instance)
        let stored = try list()
        guard PrivateFiles.exists(directory) else {
            let known = stored[type].map { $0.keys.sorted() } ?? []
            let nearType = Suggestion.nearest(to: type, among: stored.keys.sorted())
            let near = known.isEmpty ? nearType : Suggestion.nearest(to: instance, among: known).map { "\(type):\($0)" }
            throw .notFound(CredentialReference(type: type, instance: instance), suggestion: near)
        }
        try PrivateFiles.remove(directory)
        if try PrivateFiles.names(in: "\(root)/\(type)").isEmpty { try PrivateFiles.remove("\(root)/\(type)") }
    }

    /// The names of everything stored: type → instance → fields in order.
    ///
    /// Never values.
    ///
    /// - Throws: ``CredentialError`` (`unreadable`).
    package func list() throws(CredentialError) -> [String: [String: [String]]] {
        var result: [String: [String: [String]]] = [:]
        for type in try PrivateFiles.names(in: root) where CredentialName.isType(type) {
            for instance in try instances(of: type) {
                let fields = try PrivateFiles.names(in: "\(root)/\(type)/\(instance)").filter(CredentialName.isField)
                if !fields.isEmpty { result[type, default: [:]][instance] = fields.sorted() }
            }
        }
        return result
    }

    /// The instances of a type, sorted.
    ///
    /// - Throws: ``CredentialError`` (`badReference`, `unreadable`).
    package func instances(of type: String) throws(CredentialError) -> [String] {
        guard CredentialName.isType(type) else { throw .badReference(type) }
        return try PrivateFiles.names(in: "\(root)/\(type)").filter(CredentialName.isInstance).sorted()
    }

    private func path(_ type: String, _ instance: String) throws(CredentialError) -> String {
        guard CredentialName.isType(type), CredentialName.isInstance(instance) else {
            throw .badReference("\(type):\(instance)")
        }
        let place = "\(root)/\(type)/\(instance)"
        try PrivateFiles.restore(place)
        return place
    }

    private func checkFields(_ fields: [String: String]) throws(CredentialError) {
        for name in fields.keys where !CredentialName.isField(name) { throw .badReference(name) }
    }

    /// The fields as they are, to be kept beside those that are written.
    private func rawValues(in directory: String) throws(CredentialError) -> [String: String] {
        var values: [String: String] = [:]
        for field in try PrivateFiles.names(in: directory) where CredentialName.isField(field) {
            values[field] = try PrivateFiles.text(of: "\(directory)/\(field)")
        }
        return values
    }

    /// Writes a whole instance under a hidden name beside its place.
    private func prepare(_ values: [String: String], type: String) throws(CredentialError) -> String {
        try PrivateFiles.makeDirectory(root)
        try PrivateFiles.makeDirectory("\(root)/\(type)")
        let fresh = try PrivateFiles.makeTemporaryDirectory(in: "\(root)/\(type)")
        for (field, value) in values {
            try PrivateFiles.write("\(value)\n", to: "\(fresh)/\(field)", mode: 0o600)
        }
        return fresh
    }

    /// Refuses a file that every user can read: readable itself, and all directories down to it searchable.
    private func checkExposure(of file: String, type: String, instance: String) throws(CredentialError) {
        guard PrivateFiles.mode(of: file) & 0o004 != 0 else { return }
        let directories = [root, "\(root)/\(type)", "\(root)/\(type)/\(instance)"]
        guard directories.allSatisfy({ PrivateFiles.mode(of: $0) & 0o001 != 0 }) else { return }
        throw .exposed(file, store: root)
    }
}
