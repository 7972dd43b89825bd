import Crypto
import Domain
import Foundation
import NIOCore

/// The files of one image build.
struct BuildContext: Sendable {
    /// One entry of the archive.
    enum Entry: Hashable, Sendable {
        case file([UInt8], mode: Int)
        /// One of this machine, which is only read where it is needed: projects may be larger than the memory.
        case stored(String, size: Int, mode: Int)
        case link(String)
    }

    private(set) var entries: [String: Entry] = [:]

    /// A context without files.
    init() {}

    /// Adds or replaces a file.
    mutating func add(_ path: String, _ content: [UInt8], mode: Int = 0o644) {
        entries[path] = .file(content, mode: mode)
    }

    /// Adds or replaces a file by one of this machine.
    ///
    /// - Throws: ``RuntimeError`` (`buildFailed`) naming a file that cannot be read.
    mutating func add(_ path: String, from source: String, mode: Int) throws {
        var facts = stat()
        guard stat(source, &facts) == 0, access(source, R_OK) == 0 else {
            throw RuntimeError(code: .buildFailed, message: "\(source) is part of an image and cannot be read.")
        }
        entries[path] = .stored(source, size: Int(facts.st_size), mode: mode)
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
            if rules.excludes(path) {
                // Nothing below it is taken back, so that a hundred thousand files are not even looked at.
                if rules.excludesEverythingBelow(path) { walk.skipDescendants() }
                continue
            }
            let full = "\(directory)/\(path)"
            var facts = stat()
            guard lstat(full, &facts) == 0 else { continue }
            switch facts.st_mode & S_IFMT {
            case S_IFLNK: addLink(path, to: try files.destinationOfSymbolicLink(atPath: full))
            case S_IFREG: try add(path, from: full, mode: facts.st_mode & 0o100 != 0 ? 0o755 : 0o644)
            default: break
            }
        }
    }

    /// SHA-256 over everything that decides what the image becomes; time stamps do not.
    func inputsHash(baseID: String, arguments: [String: String]) throws -> String {
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
            case .stored(let source, let size, let mode):
                feed("file \(mode) \(size)")
                var content = ArchiveContent()
                content.add(file: source, size: size)
                var pieces = content.makeAsyncIterator()
                while let piece = try pieces.nextPiece() {
                    piece.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
                }
            case .link(let target): feed("link \(target)")
            }
        }
        return hash.finalize().hexText
    }

    /// The archive to send.
    func archive() -> ArchiveContent {
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
            case .stored(let source, let size, let mode): tar.addFile(path, from: source, size: size, mode: mode)
            case .link(let target): tar.addLink(path, to: target)
            }
        }
        return tar.finished()
    }
}
