package import Domain
import Foundation

/// The credentials inside one run: type → instance → field → value.
package struct LoadedCredentials: Sendable, CustomStringConvertible {
    /// Type → instance → field → value.
    let values: [String: [String: [String: String]]]

    /// Nothing.
    package init() { values = [:] }

    /// Takes what was found.
    init(values: [String: [String: [String: String]]]) { self.values = values }

    /// Reads the layout `<base>/<type>/<instance>/<field>`; `nil` when the directory is absent or has no instance.
    ///
    /// An instance without fields counts: of some credentials a run gets nothing.
    ///
    /// Entries that begin with `..` belong to mounted secrets and are skipped, like files at the first two levels.
    ///
    /// - Throws: ``CredentialError`` (`unreadable`).
    package init?(directory: String) throws(CredentialError) {
        let files = FileManager.default
        guard files.fileExists(atPath: directory) else { return nil }
        var found: [String: [String: [String: String]]] = [:]
        do {
            for type in try files.contentsOfDirectory(atPath: directory) where !type.hasPrefix("..") {
                guard Self.isDirectory("\(directory)/\(type)") else { continue }
                for instance in try files.contentsOfDirectory(atPath: "\(directory)/\(type)")
                where !instance.hasPrefix("..") {
                    let path = "\(directory)/\(type)/\(instance)"
                    guard Self.isDirectory(path) else { continue }
                    found[type, default: [:]][instance] = [:]
                    for field in try files.contentsOfDirectory(atPath: path) where !field.hasPrefix("..") {
                        let text = String(
                            decoding: try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(field)")),
                            as: UTF8.self
                        )
                        found[type, default: [:]][instance, default: [:]][field] = text.trimmingCharacters(
                            in: .whitespacesAndNewlines
                        )
                    }
                }
            }
        } catch {
            throw .unreadable(directory, reason: error.localizedDescription)
        }
        guard !found.isEmpty else { return nil }
        values = found
    }

    /// The fields of a reference as the run sees it; `nil` when it is not there.
    package subscript(_ reference: CredentialReference) -> [String: String]? {
        values[reference.type]?[reference.stagedInstance]
    }

    /// Every value of a secret field.
    package var secrets: [Secret] {
        values.flatMap { type, instances in
            let known = CredentialCatalog.standard.type(type)
            return instances.values.flatMap { fields in
                fields.compactMap { field, value in
                    known?.field(field)?.isSecret ?? true ? Secret(type: type, field: field, value: value) : nil
                }
            }
        }
    }

    /// The variables that tools get, by the tables of the types; of two references of one type the later wins.
    package func variables(for references: [CredentialReference]) -> [String: String] {
        var variables: [String: String] = [:]
        for reference in references {
            guard let fields = self[reference], let type = CredentialCatalog.standard.type(reference.type),
                type.exposure == .agents || type.exposure == .provisioning
            else { continue }
            for field in type.fields {
                guard let value = fields[field.name], !value.isEmpty else { continue }
                for name in field.variables { variables[name] = value }
            }
        }
        return variables
    }

    /// What the model is told of each reference that is there.
    package func notes(of references: [CredentialReference]) -> [(reference: CredentialReference, context: String)] {
        references.compactMap { reference in
            guard let fields = self[reference], let type = CredentialCatalog.standard.type(reference.type) else {
                return nil
            }
            let hasSecret = type.fields.contains { $0.isSecret && fields[$0.name]?.isEmpty == false }
            return (hasSecret ? type.context : type.contextWithoutSecret ?? type.context).map { (reference, $0) }
        }
    }

    package var description: String { "LoadedCredentials(\(values.count) types)" }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }
}
