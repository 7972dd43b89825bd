import ArgumentParser
import Domain
import Foundation
import Project
import Terminal

/// `al config show`: every setting and the file it comes from.
struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show every setting with the file and line that decides it.",
        discussion: """
            Headers and other secrets are masked. Settings that no file mentions show their default.

            Example:
              al config show --env production
              al config show --agent dev --json
            """
    )

    @Option(name: .long, help: ArgumentHelp("Show the settings of this agent.", valueName: "name"))
    var agent: String?

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() throws {
        let context = try ProjectContext(options)
        let project = try context.load()
        // A layer that cannot be read would make every answer wrong.
        if let problem = project.unreadable.first { throw problem }
        let values = try values(of: project, context)
        if json { return Console.output(json: document(values, project)) }
        Console.output(table(values))
    }

    private func values(of project: LoadedProject, _ context: ProjectContext) throws -> [EffectiveValue] {
        guard let agent else { return project.effectiveValues }
        if let values = try project.effectiveValues(of: agent) { return values }
        try context.requireAgent(agent)
        return []
    }

    private func document(_ values: [EffectiveValue], _ project: LoadedProject) -> JSONValue {
        .object([
            "project": .string(project.directory),
            "environment": project.environment.map(JSONValue.string),
            "agent": agent.map(JSONValue.string),
            "values": .array(
                values.map { value in
                    .object([
                        "key": .string(value.keyPath),
                        "value": value.value,
                        "source": .string(value.source),
                        "line": value.line.map { .int($0) },
                    ])
                }
            ),
        ])
    }

    private func table(_ values: [EffectiveValue]) -> String {
        let keyWidth = values.map(\.keyPath.count).max() ?? 0
        let texts = values.map(\.value.compactText)
        let valueWidth = min(texts.map(\.count).max() ?? 0, 48)
        return zip(values, texts).map { value, text in
            let source = value.source + (value.line.map { ":\($0)" } ?? "")
            return "\(padded(value.keyPath, keyWidth))  \(padded(text, valueWidth))  \(source)"
        }.joined(separator: "\n")
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
