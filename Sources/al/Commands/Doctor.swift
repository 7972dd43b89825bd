import ArgumentParser
import Domain
import Foundation
import Project
import Terminal

/// `al doctor`: checks what runs need, and mends what it can.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything a run needs, and offer to mend what is not right.",
        discussion: """
            Looks at files, credentials, models, the runtime and how well it isolates, schedules with their next times, webhook
            sources, disk, clock and port. Ends with 1 when something is broken.

            Example:
              al doctor
              al doctor --check-only --strict --json
            """
    )

    @Flag(name: .long, help: "Ask nothing, write nothing.")
    var checkOnly = false

    @Flag(name: .long, help: "Treat warnings about files as errors.")
    var strict = false

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        let project = try context.load()
        let hasProblem = project.problems.contains { $0.isError || strict }
        guard hasProblem || !project.agentDirectories.isEmpty else {
            let text = "No agents in agents/ yet: nothing to check."
            let document: JSONValue = ["ok": true, "failures": 0, "warnings": 0, "findings": []]
            return json ? Console.output(json: document) : Console.output(text)
        }
        let prompt = Prompt(isHeadless: checkOnly || json, environment: ProcessInfo.processInfo.environment)
        if !checkOnly, !prompt.isPossible {
            Console.error("There is no terminal to ask on: nothing is written, as with --check-only.")
        }
        var report = try await examine(context, mayWrite: prompt.isPossible)
        show(report)
        if prompt.isPossible, try await mend(report.repairs, prompt) {
            report = try await examine(context, mayWrite: true)
            show(report)
        }
        guard report.failures == 0 else { throw Failure.silent(1) }
    }

    private func examine(_ context: ProjectContext, mayWrite: Bool) async throws -> DoctorReport {
        let project = try context.load()
        return await Examination(
            context: context,
            project: project,
            isStrict: strict,
            mayWrite: mayWrite,
            now: Date()
        ).report()
    }

    private func show(_ report: DoctorReport) {
        if json { return Console.output(json: report.json) }
        let style = Style(descriptor: 1, environment: ProcessInfo.processInfo.environment)
        for line in report.lines(style) { Console.outputStyled(line) }
    }

    /// Offers every repair; a declined or failed one does not keep the others back.
    ///
    /// - Returns: whether anything was mended.
    private func mend(_ repairs: [Finding.Repair], _ prompt: Prompt) async throws -> Bool {
        var hasMended = false
        for repair in repairs {
            Console.error("")
            guard try prompt.confirm(repair.question, remedy: "--check-only", defaultAnswer: true) else { continue }
            do {
                Console.error(try await repair.perform() + ".")
                hasMended = true
            } catch PromptError.interrupted {
                throw PromptError.interrupted
            } catch {
                Console.error(Failure(error)?.text ?? "\(error)")
            }
        }
        return hasMended
    }
}
