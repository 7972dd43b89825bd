import Crypto
import Domain
import Foundation

/// The files of one image build.
struct BuildContext: Sendable {
    /// One entry of the archive.
    enum Entry: Hashable, Sendable {
        case file([UInt8], mode: Int)
        case link(String)
    }

    private(set) var entries: [String: Entry] = [:]

    /// A context without files.
    init() {}

    /// Adds or replaces a file.
    mutating func add(_ path: String, _ content: [UInt8], mode: Int = 0o644) {
        entries[path] = .file(content, mode: mode)
    }

    /// Adds or replaces a symbolic link.
    mutating func addLink(_ path: String, to target: String) { entries[path] = .link(target) }

    /// Adds what is below a directory, without what ``IgnoreRules`` keep out.
    ///
    /// - Throws: ``RuntimeError`` (`buildFailed`) naming a file that cannot be read.
    mutating func addDirectory(_ directory: String) throws {
        let files = FileManager.default
        let ignore = files.contents(atPath: "\(directory)/.dockerignore").map { String(decoding: $0, as: UTF8.self) }
        let rules = IgnoreRules(ignore ?? "")
        guard let walk = files.enumerator(atPath: directory) else { return }
        while let path = walk.nextObject() as? String {
            let type = walk.fileAttributes?[.type] as? FileAttributeType
            if rules.excludes(path) {
                continue
            }
            let full = "\(directory)/\(path)"
            if type == .typeSymbolicLink {
                addLink(path, to: try files.destinationOfSymbolicLink(atPath: full))
            } else if type == .typeRegular {
                guard let content = files.contents(atPath: full) else {
                    throw RuntimeError(code: .buildFailed, message: "\(full) is part of an image and cannot be read.")
                }
                let mode = (walk.fileAttributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0o644
                add(path, [UInt8](content), mode: mode & 0o100 != 0 ? 0o755 : 0o644)
            }
        }
    }

    /// SHA-256 over everything that decides what the image becomes; time stamps do not.
    func inputsHash(baseID: String, arguments: [String: String]) -> String {
        var hash = SHA256()
        func feed(_ text: String) { hash.update(data: Data("\(text.utf8.count):\(text)".utf8)) }
        feed(baseID)
        for (name, value) in arguments.sorted(by: { $0.key < $1.key }) { feed("\(name)=\(value)") }
        for (path, entry) in entries.sorted(by: { $0.key < $1.key }) {
            feed(path)
            switch entry {
            case .file(let content, let mode):
                feed("file \(mode) \(content.count)")
                hash.update(data: content)
            case .link(let target): feed("link \(target)")
            }
        }
        return hash.finalize().hexText
    }

    /// The archive to send.
    func archive() -> [UInt8] {
        var tar = TarArchive()
        var directories: Set<String> = []
        for (path, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let parts = path.split(separator: "/").dropLast()
            for count in parts.indices {
                let directory = parts[...count].joined(separator: "/")
                if directories.insert(directory).inserted { tar.addDirectory(directory) }
            }
            switch entry {
            case .file(let content, let mode): tar.addFile(path, content, mode: mode)
            case .link(let target): tar.addLink(path, to: target)
            }
        }
        return tar.finished()
    }
}
