import ArgumentParser
import Domain
import Foundation
import Gateway
import Project
import Terminal

/// `al why`: what the records say about an agent, a run or a delivery.
struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain why an agent ran, did not run, or ended as it did.",
        discussion: """
            The sentences come from recorded facts; no model is asked.
            Example:
              al why dev
              al why dev-a1b2c3d4
            """
    )

    @Argument(
        help: "An agent, an instance id, the receipt id of a delivery, or the id of a work item.",
        transform: GivenText.notEmpty
    )
    var target: String

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        let document: JSONValue
        do {
            document = try await context.ask("/api/why/\(target.percentEncoded)") { documents in
                guard let answer = try await documents.why(target) else { throw try unknown(context) }
                return answer
            }
        } catch let error as GatewayClientError where error.code == .notFound {
            throw try unknown(context)
        }
        if json { return Console.output(json: document) }
        let style = Style(descriptor: 1, environment: ProcessInfo.processInfo.environment)
        for sentence in document["sentences"]?.arrayValue ?? [] {
            let record = sentence["record"]?.stringValue.map { style.dim("  [\($0.printable)]") } ?? ""
            Console.outputStyled((sentence["text"]?.stringValue ?? "").printableLines + record)
        }
    }

    private func unknown(_ context: ProjectContext) throws -> Failure {
        let project = try context.load()
        if let omission = project.omission(of: target) { return omission }
        let names = project.agentDirectories
        if names.contains(target) { return Failure("Error: \(target) is not loaded yet.") }
        let near = Suggestion.nearest(to: target, among: names).map { " Did you mean \($0)?" } ?? ""
        let agents = names.isEmpty ? "" : " Agents: \(names.joined(separator: ", "))."
        return Failure("Error: nothing is recorded about \(target).\(near)\(agents)")
    }
}
