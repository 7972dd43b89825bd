import Foundation

/// Edits TOML files so that a reader never sees half of a change.
package enum TOMLFile {
    /// Reads a file, lets `change` edit it and, if that changed anything, puts the new text in its place.
    ///
    /// A file that is not there counts as empty. The text is written to a temporary file beside it, which is then renamed;
    /// the mode is kept, and so is a symbolic link.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - name: how it is named in problems.
    ///   - newMode: permissions of a file that is not there yet.
    ///   - change: edits the document; what it throws leaves the file as it was.
    /// - Returns: whether the file changed.
    /// - Throws: ``Problem`` when it is not TOML or cannot be edited so, ``ProjectError`` when it cannot be written.
    @discardableResult
    package static func edit(
        _ path: String,
        named name: String,
        newMode: Int = 0o644,
        _ change: (inout TOMLEditor) throws -> Void
    ) throws -> Bool {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let old = try TOMLDocument.text(of: name, path: target)
        var editor = try TOMLEditor(old ?? "", file: name)
        try change(&editor)
        guard editor.text != old ?? "" else { return false }
        try write(editor.text, to: target, mode: mode(of: target) ?? newMode)
        return true
    }

    /// Writes a file whole or not at all.
    ///
    /// - Throws: ``ProjectError`` when the directory or the file cannot be written.
    package static func write(_ text: String, to path: String, mode: Int) throws(ProjectError) {
        do {
            let temporary = try create(text, beside: path, mode: mode)
            guard rename(temporary, path) == 0 else {
                let error = systemError
                unlink(temporary)
                throw error
            }
        } catch {
            let message = "Cannot write \(path): \(error.localizedDescription)"
            throw ProjectError(code: .notWritable, path: path, message: message)
        }
    }

    /// Writes a new file that nobody else can open before it has its mode, and flushes it.
    private static func create(_ text: String, beside path: String, mode: Int) throws -> String {
        // The ending is one that nobody watches for.
        var name = Array("\(path).XXXXXX.tmp".utf8CString)
        let descriptor = mkstemps(&name, 4)
        guard descriptor >= 0 else { throw systemError }
        let temporary = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
            guard fchmod(descriptor, mode_t(mode)) == 0 else { throw systemError }
            try file.synchronize()
            try file.close()
            return temporary
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static var systemError: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }

    private static func mode(of path: String) -> Int? {
        // No attributes: no file.
        (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
    }
}
