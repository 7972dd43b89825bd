package import Domain
import OrderedCollections

/// The credentials of one run: type → instance → field → value.
package struct LoadedCredentials: Hashable, Sendable {
    package private(set) var values: [String: [String: [String: String]]] = [:]

    /// None.
    package init() {}

    /// Reads a directory in the layout `<base>/<type>/<instance>/<field>`; one that is not there is empty.
    ///
    /// - Throws: ``CredentialError`` (`unreadable`).
    package init(directory base: String) throws(CredentialError) {
        for type in try PrivateFiles.names(in: base) where CredentialName.isType(type) {
            for instance in try PrivateFiles.names(in: "\(base)/\(type)") where CredentialName.isInstance(instance) {
                let directory = "\(base)/\(type)/\(instance)"
                for field in try PrivateFiles.names(in: directory) where CredentialName.isField(field) {
                    set(try PrivateFiles.text(of: "\(directory)/\(field)"), type, instance, field)
                }
            }
        }
    }

    /// Reads `{"<type>":{"<instance>":{"<field>":"<value>"}}}`, the form of the gateway's answers.
    ///
    /// - Returns: `nil` for anything else.
    package init?(json: JSONValue) {
        guard let types = json.objectValue else { return nil }
        for (type, instances) in types {
            guard CredentialName.isType(type), let instances = instances.objectValue else { return nil }
            for (instance, fields) in instances {
                guard CredentialName.isInstance(instance), let fields = fields.objectValue else { return nil }
                for (field, value) in fields {
                    guard CredentialName.isField(field), let text = value.stringValue else { return nil }
                    set(text, type, instance, field)
                }
            }
        }
    }

    /// The form of the gateway's answers.
    package var json: JSONValue {
        var types = OrderedDictionary<String, JSONValue>()
        for (type, instances) in values.sorted(by: { $0.key < $1.key }) {
            var members = OrderedDictionary<String, JSONValue>()
            for (instance, fields) in instances.sorted(by: { $0.key < $1.key }) {
                let pairs = fields.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
                members[instance] = .object(OrderedDictionary(uniqueKeysWithValues: pairs))
            }
            types[type] = .object(members)
        }
        return .object(types)
    }

    /// The fields of one instance as the run sees it.
    package subscript(type: String, instance: String) -> [String: String]? { values[type]?[instance] }

    /// Adds a field.
    package mutating func set(_ value: String, _ type: String, _ instance: String, _ field: String) {
        values[type, default: [:]][instance, default: [:]][field] = value
    }

    /// The values that must not appear in any output: fields marked secret, and all fields of unknown types.
    package func secrets(catalog: CredentialCatalog = .standard) -> [Secret] {
        var secrets: [Secret] = []
        for (type, instances) in values.sorted(by: { $0.key < $1.key }) {
            for (_, fields) in instances.sorted(by: { $0.key < $1.key }) {
                for (field, value) in fields.sorted(by: { $0.key < $1.key }) {
                    guard catalog.type(type)?.field(field)?.isSecret ?? true else { continue }
                    secrets.append(Secret(type: type, field: field, value: value))
                }
            }
        }
        return secrets
    }
}
