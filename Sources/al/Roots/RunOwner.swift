import Crypto
import Domain
import Foundation

/// Tells a scheduler's runs from those of others who use the same engine: their project may have the same path or name, and
/// a machine's name may change.
enum RunOwner {
    /// What labels the runs of a project of this user's, whatever becomes of the project's own state.
    ///
    /// - Throws: ``Failure`` when the user's directory has no name yet and cannot be given one.
    static func name(of directory: String, home: String) throws -> String {
        let text = "\(try nameOfHome(home)) \(directory)"
        return SHA256.hash(data: Data(text.utf8)).prefix(6).hexText
    }

    /// The name of the user's directory, which it gets when it is first asked for.
    private static func nameOfHome(_ home: String) throws -> String {
        let file = "\(home)/owner"
        if let name = stored(in: file) { return name }
        let fresh = "\(file).\(RandomText.hex(bytes: 6))"
        defer { unlink(fresh) }
        do {
            try FileManager.default.createDirectory(
                atPath: home,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try create(fresh, RandomText.hex(bytes: 16))
        } catch {
            throw failure(file)
        }
        // Of two that name it at the same moment one does, and the other reads it.
        _ = link(fresh, file)
        guard let name = stored(in: file) else { throw failure(file) }
        return name
    }

    private static func create(_ path: String, _ text: String) throws {
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: attributes),
            let file = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        try file.write(contentsOf: Data(text.utf8))
        // A name that a power failure emptied would be everybody's.
        try file.synchronize()
    }

    private static func stored(in file: String) -> String? {
        guard let content = FileManager.default.contents(atPath: file), !content.isEmpty else { return nil }
        return String(decoding: content, as: UTF8.self)
    }

    private static func failure(_ file: String) -> Failure {
        Failure(
            "Error: \(file), which tells your runs from those of others on an engine that they use too, cannot be read or "
                + "written: you must be allowed to, and it must not be empty"
        )
    }
}
