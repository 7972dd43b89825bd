import ArgumentParser
import Domain
import Foundation
import Project

/// `al env list`: the environments there are.
struct EnvList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List environments; * marks the one this project is bound to.",
        discussion: "Example:\n  al env list\n  al env list --json"
    )

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() throws {
        let files = EnvironmentFiles(home: ProjectContext.defaultHome)
        let bound = EnvironmentBinding(project: try options.directory()).name
        let environments = files.names.map { (name: $0, kind: files.kind(of: $0).rawValue) }
        if json {
            let list = environments.map { environment -> JSONValue in
                [
                    "name": .string(environment.name), "kind": .string(environment.kind),
                    "isBound": .bool(environment.name == bound),
                ]
            }
            return Console.output(json: .array(list))
        }
        guard !environments.isEmpty else {
            return Console.output("There are no environments. Make one with: al env init <name> -t server")
        }
        Console.output("Environments:")
        for environment in environments {
            let mark = environment.name == bound ? "*" : " "
            Console.output("\(mark) \(environment.name) (\(environment.kind))")
        }
    }
}
