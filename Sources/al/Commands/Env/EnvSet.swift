import ArgumentParser
import Foundation
import Project

/// `al env set`: binds the project on this machine to an environment.
struct EnvSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Bind this project to an environment, or unbind it without a name.",
        discussion: """
            Writes `environment` to .env.toml; other keys and comments there stay.

            Example:
              al env set production
              al env set
            """
    )

    @Argument(help: "The environment's name; without one the project is unbound.")
    var name: String?

    @OptionGroup var options: ProjectOptions

    func run() throws {
        let directory = try options.directory()
        let binding = EnvironmentBinding(project: directory)
        guard let name else {
            let old = binding.name
            try binding.set(nil)
            return Console.output(old.map { "Unbound from \($0)." } ?? "No environment was bound.")
        }
        if let problem = ProjectLoader.misplacement(directory, written: directory) { throw problem }
        let path = try EnvironmentFiles(home: ProjectContext.defaultHome).path(of: name)
        try binding.set(name)
        Console.output("Bound to \(name): commands here use it unless --env or AL_ENV says otherwise.")
        let marks = ["config.toml", "agents"].map { "\(directory)/\($0)" }
        if !marks.contains(where: FileManager.default.fileExists(atPath:)) {
            Console.error("Warning: \(directory) has neither config.toml nor agents/: is it the project?")
        }
        if !FileManager.default.fileExists(atPath: path) {
            Console.error("Warning: \(path) does not exist yet. Make it with: al env init \(name) -t server")
        }
    }
}
