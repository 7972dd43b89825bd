import ArgumentParser
import Domain
import Project

/// `al env show`: an environment's file without its secrets.
struct EnvShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an environment's file; the values of headers are masked.",
        discussion: "Example:\n  al env show production\n  al env show production --json"
    )

    @Argument(help: "The environment's name.")
    var name: String

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    func run() throws {
        let files = EnvironmentFiles(home: ProjectContext.defaultHome)
        do {
            let path = try files.existingPath(of: name)
            let text = try files.maskedText(of: name)
            guard !json else {
                let kind = files.kind(of: name).rawValue
                let document: JSONValue = [
                    "name": .string(name), "file": .string(path), "kind": .string(kind), "text": .string(text),
                ]
                return Console.output(json: document)
            }
            Console.output("Environment: \(name)\nFile: \(path)\n")
            Console.outputExactly(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        } catch {
            throw Failure("Configuration error: \(error)\nSee: al env list", code: error.code.rawValue)
        }
    }
}
