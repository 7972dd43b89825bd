import Credentials
import Domain
import FoundationEssentials

/// The credentials a run was given: type, instance, field, value.
struct RunCredentials: Hashable, Sendable {
    /// Where they came from.
    enum Source: String, Hashable, Sendable {
        case directory = "volume"
        case variables = "env vars"
    }

    private(set) var values: [String: [String: [String: String]]] = [:]
    let source: Source?

    /// Takes the first source that has anything: the directory, then the variables.
    ///
    /// - Throws: ``RunFailure`` when the directory is there but cannot be read.
    init(directory: String, environment: [String: String]) throws(RunFailure) {
        let stored = try Self.read(directory)
        if !stored.isEmpty {
            values = stored
            source = .directory
            return
        }
        for (name, value) in environment where name.hasPrefix("AL_SECRET_") && !value.isEmpty {
            let parts = Self.parts(name.dropFirst("AL_SECRET_".count))
            guard parts.count == 3 else { continue }
            values[parts[0], default: [:]][parts[1], default: [:]][parts[2]] = value
        }
        source = values.isEmpty ? nil : .variables
    }

    /// The value of a field, `nil` when absent or empty.
    func value(_ type: String, _ instance: String, _ field: String) -> String? {
        guard let value = values[type]?[instance]?[field], !value.isEmpty else { return nil }
        return value
    }

    /// Every secret value with its place, for redaction.
    func secrets(_ catalog: CredentialCatalog) -> [(type: String, field: String, value: String)] {
        values.flatMap { type, instances in
            instances.values.flatMap { fields in
                fields.compactMap { field, value in
                    // Of a type that nobody knows every field is taken for a secret.
                    let isSecret = catalog.type(type)?.field(field)?.isSecret ?? true
                    return isSecret ? (type, field, value) : nil
                }
            }
        }
    }

    private static func read(_ directory: String) throws(RunFailure) -> [String: [String: [String: String]]] {
        var values: [String: [String: [String: String]]] = [:]
        guard FileManager.default.fileExists(atPath: directory) else { return [:] }
        do {
            for type in try entries(directory) {
                for instance in try entries("\(directory)/\(type)") {
                    let folder = "\(directory)/\(type)/\(instance)"
                    for field in try FileManager.default.contentsOfDirectory(atPath: folder) where !field.hasPrefix("..") {
                        let data = try Data(contentsOf: URL(filePath: "\(folder)/\(field)"))
                        values[type, default: [:]][instance, default: [:]][field] = trimmed(data)
                    }
                }
            }
        } catch {
            throw RunFailure(.credentials, "the credentials under \(directory) cannot be read: \(error)")
        }
        return values
    }

    private static func entries(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { name in
            var isDirectory = false
            return !name.hasPrefix("..") && FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isDirectory)
                && isDirectory
        }
    }

    private static func trimmed(_ data: Data) -> String {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        var bytes = data.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Splits the rest of a variable's name at `__` and undoes `_xHH` in each part.
    static func parts(_ name: Substring) -> [String] {
        var parts: [String] = []
        var rest = name
        while let separator = rest.firstRange(of: "__") {
            parts.append(String(rest[..<separator.lowerBound]))
            rest = rest[separator.upperBound...]
        }
        parts.append(String(rest))
        return parts.map(decoded)
    }

    private static func decoded(_ part: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "_"), rest.first == UInt8(ascii: "x"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
