package import Domain
import Foundation
import OrderedCollections

extension LoadedCredentials {
    /// Reads variables `AL_SECRET_<type>__<instance>__<field>`; `nil` when there is none.
    ///
    /// Names that do not have three parts and empty values are left out; values are not trimmed.
    package init?(variables: [String: String]) {
        var found: [String: [String: [String: String]]] = [:]
        for (name, value) in variables where !value.isEmpty {
            guard let variable = SecretVariable(name: name) else { continue }
            found[variable.type, default: [:]][variable.instance, default: [:]][variable.field] = value
        }
        guard !found.isEmpty else { return nil }
        self.init(values: found)
    }

    /// Reads `{type: {instance: {field: value}}}`, as the gateway answers; `nil` when nothing is in it.
    package init?(json: JSONValue) {
        var values: [String: [String: [String: String]]] = [:]
        for (type, instances) in json.objectValue ?? [:] {
            for (instance, fields) in instances.objectValue ?? [:] {
                for (field, value) in fields.objectValue ?? [:] {
                    guard let text = value.stringValue, !text.isEmpty else { continue }
                    values[type, default: [:]][instance, default: [:]][field] = text
                }
            }
        }
        guard !values.isEmpty else { return nil }
        self.init(values: values)
    }

    /// Writes the credentials as files that only the owner can read, so that instructions which read files work.
    ///
    /// - Parameter directory: made if absent; the layout below it is that of ``init(directory:)``.
    /// - Throws: ``CredentialError`` (`unwritable`).
    package func write(to directory: String) throws(CredentialError) {
        let manager = FileManager.default
        let own: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        do {
            for (type, instances) in values {
                for (instance, fields) in instances {
                    let folder = "\(directory)/\(type)/\(instance)"
                    try manager.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: own)
                    for (field, value) in fields {
                        let isWritten = manager.createFile(
                            atPath: "\(folder)/\(field)",
                            contents: Data(value.utf8),
                            attributes: [.posixPermissions: 0o600]
                        )
                        guard isWritten else { throw CocoaError(.fileWriteUnknown) }
                    }
                }
            }
        } catch {
            throw .unwritable(directory, reason: error.localizedDescription)
        }
    }
}

/// The name of a variable that carries one field of a credential.
package struct SecretVariable: Hashable, Sendable {
    private static let prefix = "AL_SECRET_"

    package let type: String
    package let instance: String
    package let field: String

    /// Joins the parts.
    package init(type: String, instance: String, field: String) {
        self.type = type
        self.instance = instance
        self.field = field
    }

    /// Takes a name apart; `nil` when it does not have exactly three parts behind its prefix.
    package init?(name: String) {
        guard name.hasPrefix(Self.prefix) else { return nil }
        let parts = name.dropFirst(Self.prefix.count).split(separator: "__", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        self.init(
            type: Self.decoded(parts[0]),
            instance: Self.decoded(parts[1]),
            field: Self.decoded(parts[2])
        )
    }

    /// `AL_SECRET_<type>__<instance>__<field>`, with everything in the parts encoded that a name cannot hold.
    package var name: String {
        Self.prefix + [type, instance, field].map(Self.encoded).joined(separator: "__")
    }

    /// Letters, digits and lone underscores stay; every other byte becomes `_xHH`.
    private static func encoded(_ part: String) -> String {
        let bytes = Array(part.utf8)
        return bytes.indices.map { index in
            let byte = bytes[index]
            let isPlain = byte.isLetterOrDigit || byte == underscore && isLone(bytes, index)
            return isPlain ? String(UnicodeScalar(byte)) : "_x" + [byte].hexText
        }.joined()
    }

    private static let underscore = UInt8(ascii: "_")

    /// Whether an underscore can be mistaken neither for a part's border nor for the beginning of a code.
    private static func isLone(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index > 0, index + 1 < bytes.count else { return false }
        guard bytes[index - 1] != underscore, bytes[index + 1] != underscore else { return false }
        let next = bytes[(index + 1)...].prefix(3)
        return
            !(next.count == 3 && next.first == UInt8(ascii: "x") && next.dropFirst().allSatisfy { $0.hexValue != nil })
    }

    private static func decoded(_ part: Substring) -> String {
        let bytes = Array(part.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if index + 3 < bytes.count, bytes[index] == underscore, bytes[index + 1] == UInt8(ascii: "x"),
                let high = bytes[index + 2].hexValue, let low = bytes[index + 3].hexValue
            {
                result.append(high << 4 | low)
                index += 4
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
