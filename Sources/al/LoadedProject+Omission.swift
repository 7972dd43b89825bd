import Domain
import Project

extension LoadedProject {
    /// What a command says at its end that could not speak of some agents, because their files cannot be used.
    ///
    /// - Parameters:
    ///   - agent: the one that is asked about; `nil` = all.
    ///   - known: agents of which it could speak all the same.
    /// - Returns: all that is wrong with the others; `nil` = nothing was left out.
    func omission(of agent: String?, besides known: Set<String> = []) -> Failure? {
        let names = (agent.map { [$0] } ?? agentDirectories).filter { !known.contains($0) }
        var seen: Set<Problem> = []
        // What is wrong with a file of the project is in the way of all its agents.
        let problems = names.flatMap(obstacles(to:)).filter { seen.insert($0).inserted }
        guard let first = problems.first else { return nil }
        let text = problems.map { "Configuration error: \($0)" }.joined(separator: "\n")
        return Failure(text, code: first.code.rawValue)
    }
}

extension Failure {
    /// Ends a command that has printed its JSON document; what it had to leave out stands in there as `error`.
    ///
    /// - Throws: ``silent(_:)`` if there is anything.
    static func printDocument(_ document: JSONValue, without omission: Failure?) throws {
        var document = document
        if let omission { document["error"] = omission.json["error"] }
        Console.output(json: document)
        if let omission { throw silent(omission.exitCode) }
    }
}
