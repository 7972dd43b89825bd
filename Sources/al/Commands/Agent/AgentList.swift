import ArgumentParser
import Domain
import OrderedCollections
import Project
import Terminal

/// `al agent list`.
struct AgentList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the agents of the project.",
        discussion: """
            Examples:
              al agent list
              al agent list --json
            """,
        aliases: ["ls"]
    )

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let project = try ProjectContext(options).load()
        let configs = Dictionary(project.agents.map { ($0.name.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
        if json {
            let agents = project.agentDirectories.map { name -> JSONValue in
                .object([
                    "name": .string(name), "valid": .bool(configs[name] != nil),
                    "description": configs[name]?.description.map(JSONValue.string),
                    "trigger": configs[name].map { .string($0.triggerLabel) },
                    "scale": configs[name].map { .int($0.scale) },
                ])
            }
            return Console.output(json: ["agents": .array(agents)])
        }
        guard !project.agentDirectories.isEmpty else {
            return Console.output("No agents in agents/. Make one with: al agent new")
        }
        var table = TextTable(["AGENT", "TRIGGER", "DESCRIPTION"], minimumWidths: [16, 16])
        for name in project.agentDirectories {
            let trigger = configs[name].map { $0.scale == 0 ? "(disabled)" : $0.triggerLabel } ?? "(broken: al doctor)"
            table.add([name, trigger, configs[name]?.description ?? ""])
        }
        for line in table.lines(fitting: Console.width) { Console.output(line) }
    }
}
