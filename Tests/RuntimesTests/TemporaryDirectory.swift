import Domain
import Foundation

@testable import Runtimes

/// A directory that is deleted with the last reference to it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "al-runtimes-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // What cannot be deleted is left to the system's own cleaning.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A project that no other test has, in this directory.
    func makeProject() -> ProjectDirectory {
        let id = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(12)
        return ProjectDirectory(id: ProjectID(rawValue: String(id)), path: path)
    }

    func write(_ name: String, _ text: String, mode: Int = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    /// Writes a program.
    ///
    /// Another process writes it: a file that this one has open for writing could not be executed while a child that a
    /// test beside this one is about to start still has it too ("text file busy").
    func writeProgram(_ name: String, _ text: String) throws -> String {
        let source = try write("\(name).source", text)
        let file = "\(path)/\(name)"
        let install = Process()
        install.executableURL = URL(filePath: "/usr/bin/install")
        install.arguments = ["-m", "755", source, file]
        try install.run()
        install.waitUntilExit()
        guard install.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
        return file
    }
}
