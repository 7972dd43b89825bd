import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files that hold secrets: exact modes whatever the umask, and changes that are whole or not at all.
enum PrivateFiles {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Permission bits; 0 when nothing is there.
    static func mode(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    /// Names in a directory without hidden ones; a directory that is not there is empty.
    static func names(in directory: String) throws(CredentialError) -> [String] {
        guard exists(directory) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasPrefix(".") }
        } catch {
            throw .unreadable(directory, reason: error.localizedDescription)
        }
    }

    /// A file's text without blanks at both ends.
    static func text(of path: String) throws(CredentialError) -> String {
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            guard let text = String(validating: data, as: UTF8.self) else {
                throw CredentialError.unreadable(path, reason: "it is not UTF-8")
            }
            return trimmed(text)
        } catch let error as CredentialError {
            throw error
        } catch {
            throw .unreadable(path, reason: error.localizedDescription)
        }
    }

    static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }

    /// Makes a directory of mode 0700, with those above it, and repairs the mode of one that exists.
    static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(CredentialError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .unwritable(path, reason: error.localizedDescription)
        }
        guard chmod(path, mode) == 0 else { throw .unwritable(path, reason: lastReason()) }
    }

    /// Makes a hidden directory of mode 0700 with a new name.
    static func makeTemporaryDirectory(in directory: String) throws(CredentialError) -> String {
        var template = Array("\(directory)/.new-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) } != nil
        }
        guard made else { throw .unwritable(directory, reason: lastReason()) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes a new file and flushes it to disk; the mode is exact whatever the umask.
    static func write(_ text: String, to path: String, mode: mode_t) throws(CredentialError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw .unwritable(path, reason: lastReason()) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .unwritable(path, reason: lastReason()) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, fchmod(descriptor, mode) == 0 else {
            throw .unwritable(path, reason: lastReason())
        }
    }

    /// Puts a directory in the place of another and removes the other.
    ///
    /// The old one is set aside under a name that ``restore(_:)`` knows, so that a crash in between loses nothing.
    static func swap(_ fresh: String, into place: String) throws(CredentialError) {
        // A reader may bring the old one back between the two moves; then the turn is repeated.
        for _ in 0..<100 {
            if try moveIfAbsent(fresh, to: place, keepsFresh: true) {
                let old = retired(place)
                if exists(old) { try remove(old) }
                return
            }
            let old = retired(place)
            if exists(old) { try remove(old) }
            guard rename(place, old) == 0 || errno == ENOENT else { throw .unwritable(place, reason: lastReason()) }
        }
        throw .unwritable(place, reason: "other processes keep changing it")
    }

    /// Brings back what a crash left set aside.
    static func restore(_ place: String) throws(CredentialError) {
        let old = retired(place)
        guard exists(old), !exists(place) else { return }
        // Whoever else restores it at the same moment has done the work.
        guard rename(old, place) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST else {
            throw .unwritable(place, reason: lastReason())
        }
    }

    private static func retired(_ place: String) -> String {
        let url = URL(fileURLWithPath: place)
        return url.deletingLastPathComponent().appendingPathComponent(".\(url.lastPathComponent).old").path
    }

    /// Moves a directory to a place where nothing is; else removes it, unless it is to be kept.
    static func moveIfAbsent(
        _ fresh: String,
        to place: String,
        keepsFresh: Bool = false
    ) throws(CredentialError) -> Bool {
        // The system replaces an empty directory by another and refuses one with files in it: no window for two winners.
        if rename(fresh, place) == 0 { return true }
        let reason = errno
        guard reason == ENOTEMPTY || reason == EEXIST else {
            throw .unwritable(place, reason: String(cString: strerror(reason)))
        }
        if !keepsFresh { try remove(fresh) }
        return false
    }

    static func remove(_ path: String) throws(CredentialError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw .unwritable(path, reason: error.localizedDescription)
        }
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes, count)
        #else
            Darwin.write(descriptor, bytes, count)
        #endif
    }

    private static func lastReason() -> String { String(cString: strerror(errno)) }
}
