import ArgumentParser
import Foundation
import Project

/// `-p` and `-E`, which every command about a project takes.
struct ProjectOptions: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("The project's directory.", valueName: "dir"))
    var project = "."

    @Option(
        name: [.customShort("E"), .long],
        help: ArgumentHelp("The environment, over AL_ENV and .env.toml.", valueName: "name")
    )
    var env: String?

    /// Absolute path of the project; it must exist.
    func directory() throws -> String {
        let path = URL(fileURLWithPath: project).standardizedFileURL.path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw Failure("Error: \(path) is not a directory. Name the project with --project <dir>.")
        }
        return path
    }
}
