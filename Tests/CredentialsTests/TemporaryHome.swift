import Credentials
import Foundation

/// A user's directory and a project for one test, removed with the last reference to them.
final class TemporaryHome {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "al-credentials-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var store: CredentialStore { CredentialStore(home: "\(path)/home") }

    var project: String { "\(path)/project" }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    /// The permission bits; -1 when nothing is there.
    func mode(_ name: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
        return (attributes?[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    /// Everything below, sorted.
    func tree(_ name: String = "") -> [String] {
        (FileManager.default.enumerator(atPath: "\(path)/\(name)")?.compactMap { $0 as? String } ?? []).sorted()
    }
}
