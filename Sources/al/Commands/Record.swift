import AgentRun
import ArgumentParser
import Domain
import Foundation
import Harness

/// `al record`: writes a script from a run that happened.
struct Record: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a script for the scripted model from a recorded run.",
        discussion: """
            Example:
              al record dev-a1b2c3d4 --out agents/dev/script.yaml
              al record dev-a1b2c3d4 --strict
            """
    )

    @Argument(help: "The run: <agent>-<8 digits>.")
    var instance: String

    @Option(name: [.short, .customLong("out")], help: ArgumentHelp("Write to this file.", valueName: "file"))
    var out: String?

    @Flag(name: .long, help: "Expect the whole recorded tool results, not only whether they were errors.")
    var strict = false

    @Flag(name: .long, help: "One JSON document: the run and the file, without --out the script.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let run = try await RecordedRuns(ProjectContext(options)).load(instance)
        let kind = run.header["trigger"]?.stringValue
        let script = ScriptRecording(run, isStrict: strict).text(trigger: Trigger(kind: kind, prompt: run.prompt))
        guard let out else {
            if json { return Console.output(json: ["instanceId": .string(instance), "script": .string(script)]) }
            Console.outputExactly(script.hasSuffix("\n") ? String(script.dropLast()) : script)
            return
        }
        do {
            try Data(script.utf8).write(to: URL(filePath: out), options: .atomic)
        } catch {
            throw Failure("Error: \(out) cannot be written: \(error.localizedDescription).")
        }
        if json { return Console.output(json: ["instanceId": .string(instance), "file": .string(out)]) }
        Console.error("Wrote \(out). Use it with provider = \"scripted\" in [model].")
    }
}
