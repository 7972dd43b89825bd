import Credentials
import Foundation

/// Values of a credential that come without questions: `--field name=value`, `--field name=@file` and standard input.
struct CredentialInput {
    let type: CredentialType
    /// As written: `name=value` or `name=@file`.
    let fields: [String]
    /// Everything on standard input; `nil` = not to be read.
    let standardInput: String?

    /// The values.
    ///
    /// Standard input is the value of the one secret field that is still open, else lines `field=value`.
    ///
    /// - Throws: ``Failure`` when a field is unknown, a file cannot be read, or a secret stands on the command line.
    func values() throws -> CredentialCheck.Fields {
        var values: CredentialCheck.Fields = [:]
        for text in fields {
            let (field, value) = try pair(text)
            guard !value.hasPrefix("@") else {
                values[field.name] = try contents(of: String(value.dropFirst()))
                continue
            }
            guard !field.isSecret else {
                throw Failure(
                    "Credential error: a secret must not stand on the command line, where others can see it. "
                        + "Use --field \(field.name)=@file or --stdin.",
                    code: "credential.incomplete"
                )
            }
            values[field.name] = value
        }
        if let standardInput { values.merge(try read(standardInput, without: values)) { $1 } }
        return values.mapValues { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    private func read(_ text: String, without known: CredentialCheck.Fields) throws -> CredentialCheck.Fields {
        let open = type.fields.filter { known[$0.name] == nil }
        let secrets = open.filter(\.isSecret)
        if let secret = secrets.first, secrets.count == 1, open.allSatisfy({ $0.isSecret || $0.isOptional }) {
            return [secret.name: text]
        }
        var values: CredentialCheck.Fields = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let (field, value) = try pair(String(line))
            values[field.name] = value
        }
        return values
    }

    private func pair(_ text: String) throws -> (field: CredentialField, value: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let field = type.field(parts[0]) else {
            let names = type.fields.map(\.name).joined(separator: ", ")
            throw Failure(
                "Credential error: \(type.id) has the fields \(names); write field=value.",
                code: "credential.incomplete"
            )
        }
        return (field, parts[1])
    }

    private func contents(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("Credential error: Cannot read \(path)", code: "credential.unreadable")
        }
        return try Self.text(data, from: path)
    }

    /// What a file or a stream holds; other bytes than text would be changed on their way into the store.
    ///
    /// - Throws: ``Failure`` when it is not UTF-8.
    static func text(_ data: Data, from source: String) throws -> String {
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Failure(
                "Credential error: \(source) is not UTF-8 text, and a credential is stored as text. Encode it first, "
                    + "or choose a secret of letters and digits.",
                code: "credential.unreadable"
            )
        }
        return text
    }
}
