import Domain
import Project

/// One thing that `al doctor` looked at.
struct Finding: Sendable {
    /// How good it is.
    enum Mark: String, Sendable { case ok, warn, fail }

    /// What it is about; the order is that of the report.
    enum Area: String, CaseIterable, Sendable {
        case files, credentials, models, runtime, schedules, webhooks, machine

        var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
    }

    /// Something that can be done about it.
    struct Repair: Sendable {
        /// What is asked before anything is done.
        let question: String
        /// Does it and says what was done.
        let perform: @Sendable () async throws -> String
    }

    let area: Area
    let mark: Mark
    let text: String
    var problem: Problem?
    var repair: Repair?

    /// A finding of an area.
    init(_ area: Area, _ mark: Mark, _ text: String, repair: Repair? = nil) {
        self.area = area
        self.mark = mark
        self.text = text
        self.repair = repair
    }

    /// A problem of the project's files.
    init(_ problem: Problem, isStrict: Bool) {
        self.init(.files, problem.isError || isStrict ? .fail : .warn, problem.description)
        self.problem = problem
    }

    /// The finding for scripts.
    var json: JSONValue {
        .object([
            "area": .string(area.rawValue),
            "mark": .string(mark.rawValue),
            "text": .string(text),
            "code": problem.map { .string($0.code.rawValue) },
            "id": problem.map { .string($0.code.id) },
            "file": problem?.file.map(JSONValue.string),
            "line": problem?.line.map { .int($0) },
            "key": problem?.keyPath.map(JSONValue.string),
            "suggestion": problem?.suggestion.map(JSONValue.string),
            "isFixable": repair.map { _ in true },
        ])
    }
}
