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

    /// Refuses what a shell makes of a variable that is not set: the command would be about another project, or target.
    func validate() throws {
        if project.isEmpty { throw ValidationError("--project is empty") }
        if env?.isEmpty == true { throw ValidationError("--env is empty") }
    }

    /// The same once more, for a command that this one goes on with.
    var arguments: [String] { ["--project=\(project)"] + (env.map { ["--env=\($0)"] } ?? []) }

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
