import Credentials
import Domain

/// The credentials a run was given, and by which way.
struct RunCredentials: Hashable, Sendable {
    let values: LoadedCredentials
    /// The word of the log line; `nil` = there are none.
    let source: String?

    /// Takes the first source that has anything: the directory, then the variables.
    ///
    /// - Throws: ``RunFailure`` when the directory is there but cannot be read.
    init(directory: String, environment: [String: String]) throws(RunFailure) {
        let stored: LoadedCredentials
        do {
            stored = try LoadedCredentials(directory: directory)
        } catch {
            throw RunFailure(.credentials, "the credentials under \(directory) cannot be read: \(error)")
        }
        if !stored.values.isEmpty {
            values = stored
            source = "volume"
            return
        }
        var named = LoadedCredentials()
        for (name, value) in environment where name.hasPrefix("AL_SECRET_") && !value.isEmpty {
            let parts = Self.parts(name.dropFirst("AL_SECRET_".count))
            guard parts.count == 3 else { continue }
            named.set(value, parts[0], parts[1], parts[2])
        }
        values = named
        source = named.values.isEmpty ? nil : "env vars"
    }

    /// The value of a field, `nil` when absent or empty.
    func value(_ type: String, _ instance: String, _ field: String) -> String? {
        guard let value = values[type, instance]?[field], !value.isEmpty else { return nil }
        return value
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
