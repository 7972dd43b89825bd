import Credentials
import Crypto
import Domain
import Foundation

/// Tells a scheduler's runs from those of others who use the same engine: their project may have the same path or name, and
/// a machine's name may change.
///
/// The name is part of the project's state, so that it stays whoever starts the scheduler, and where that state is moved.
/// Without it the same user makes the same name again.
enum RunOwner {
    /// What labels the runs of a project, which gets that name when it is first asked for.
    ///
    /// - Throws: ``Failure`` when there is no name yet and none can be written.
    static func name(of directory: String, home: String) throws -> String {
        if let name = stored(in: ownFile(directory)) { return name }
        let user = try kept(RandomText.hex(bytes: 16), in: homeFile(home))
        return try kept(derived(from: user, directory), in: ownFile(directory))
    }

    /// What labels the runs of a project, for those who may not write; `nil` = it has not started any.
    static func known(of directory: String, home: String) -> String? {
        stored(in: ownFile(directory)) ?? stored(in: homeFile(home)).map { derived(from: $0, directory) }
    }

    private static func ownFile(_ directory: String) -> String { "\(directory)/.al/owner" }

    private static func homeFile(_ home: String) -> String { "\(home)/owner" }

    private static func derived(from user: String, _ directory: String) -> String {
        let text = "\(user) \(URL(fileURLWithPath: directory).resolvingSymlinksInPath().path)"
        return SHA256.hash(data: Data(text.utf8)).prefix(6).hexText
    }

    /// What stands in a file, which gets the text if it is not there.
    private static func kept(_ text: String, in file: String) throws -> String {
        if let name = stored(in: file) { return name }
        let fresh = "\(file).\(RandomText.hex(bytes: 6))"
        defer { unlink(fresh) }
        do {
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try DurableFile.create(fresh, text)
        } catch {
            throw failure(file)
        }
        // Of two that write it at the same moment one does, and the other reads it; not every file system has links.
        if link(fresh, file) != 0, errno != EEXIST { try? DurableFile.create(file, text) }
        guard let name = stored(in: file) else { throw failure(file) }
        return name
    }

    private static func stored(in file: String) -> String? {
        guard let content = FileManager.default.contents(atPath: file), !content.isEmpty else { return nil }
        return String(decoding: content, as: UTF8.self)
    }

    private static func failure(_ file: String) -> Failure {
        Failure(
            "Error: \(file), which tells your runs from those of others on an engine that they use too, cannot be read or "
                + "written: you must be allowed to; if it is empty, delete it"
        )
    }
}
