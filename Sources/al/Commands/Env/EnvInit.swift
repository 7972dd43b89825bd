import ArgumentParser
import Project

/// `al env init`: writes the skeleton of an environment.
struct EnvInit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an environment file to fill in.",
        discussion: "Example:\n  al env init production --type server\n  al env init staging -t server"
    )

    @Argument(help: "The environment's name.")
    var name: String

    @Option(name: [.short, .long], help: "What it is for: server, ecs or cloud-run.")
    var type: String

    func run() throws {
        guard let skeleton = EnvironmentSkeleton(rawValue: type) else {
            let known = EnvironmentSkeleton.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure("Error: `\(type)` is not a type of environment; known: \(known).")
        }
        let path = try EnvironmentFiles(home: ProjectContext.defaultHome).create(name, skeleton)
        Console.output("Created \(path)")
        Console.output("Fill in what says \(EnvironmentSkeleton.placeholder), then choose it with: al env set \(name)")
    }
}
