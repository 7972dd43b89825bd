import Domain

/// What a store holds to be hidden, and what of it nobody could read.
package struct StoredSecrets: Hashable, Sendable {
    /// Every value of a secret field that can be read.
    package internal(set) var secrets: [Secret] = []
    /// What kept the others from being read, each naming its file or directory.
    package internal(set) var obstacles: [CredentialError] = []

    /// What is not hidden wherever `al` logs, stores or shows something; for people, one sentence each.
    package var warnings: [String] { obstacles.map { "A stored value is not hidden in logs and answers: \($0)" } }

    /// Does one reading; a failure is noted and leaves the rest to be read.
    mutating func reading<Value>(_ read: () throws(CredentialError) -> Value) -> Value? {
        do throws(CredentialError) {
            return try read()
        } catch {
            obstacles.append(error)
            return nil
        }
    }
}

extension CredentialStore {
    /// Every stored value of a secret field, for redaction; one that cannot be read hides none of the others.
    package func secrets() -> StoredSecrets {
        var found = StoredSecrets()
        for type in found.reading({ () throws(CredentialError) in try names(in: root) }) ?? []
        where CredentialName.isType(type) {
            for instance in found.reading({ () throws(CredentialError) in try instances(of: type) }) ?? [] {
                addSecrets(of: type, in: "\(root)/\(type)/\(instance)", to: &found)
            }
        }
        return found
    }

    private func addSecrets(of type: String, in directory: String, to found: inout StoredSecrets) {
        let known = CredentialCatalog.standard.type(type)
        for field in found.reading({ () throws(CredentialError) in try names(in: directory) }) ?? []
        where CredentialName.isInstance(field) && known?.field(field)?.isSecret ?? true {
            let value = found.reading { () throws(CredentialError) in try content(of: "\(directory)/\(field)") } ?? ""
            if !value.isEmpty { found.secrets.append(Secret(type: type, field: field, value: value)) }
        }
    }
}
