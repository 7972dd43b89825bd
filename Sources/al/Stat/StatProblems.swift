import Domain
import Foundation
import OrderedCollections
import Terminal

/// What keeps agents from starting, or from what their files say, as `al stat` shows it.
struct StatProblems {
    private struct Entry {
        /// `nil`: all agents are concerned.
        let agent: String?
        let text: String
    }

    /// The answer of `/control/status`.
    let document: JSONValue

    /// A section of its own; nothing when there are no problems.
    var lines: [String] {
        guard !entries.isEmpty else { return [] }
        return ["", "Problems:"] + entries.map { "  " + ($0.agent.map { "\($0): " } ?? "") + $0.text }
    }

    /// The lines that concern an agent.
    func lines(of agent: String) -> [String] {
        entries.filter { $0.agent == nil || $0.agent == agent }.map { "  Problem: \($0.text)" }
    }

    private var entries: [Entry] {
        (document["projectProblems"]?.arrayValue ?? []).map { Entry(agent: nil, text: $0.stringValue ?? "") }
            + (document["spentBudgets"]?.arrayValue ?? []).map(entry(ofBudget:))
            + (document["reloadProblems"]?.objectValue ?? [:]).map { Entry(agent: $0, text: $1.stringValue ?? "") }
    }

    private func entry(ofBudget budget: JSONValue) -> Entry {
        let agent = budget["agent"]?.stringValue
        let whose = agent == nil ? "the project's" : "its"
        let what = "\(whose) daily budget of \(Figure.cost(budget["limit"])) is spent"
        let rest = agent == nil ? "nothing starts" : "nothing of it starts"
        return Entry(agent: agent, text: "\(what): \(rest) until \(LocalTime.of(budget["until"]) ?? "the day ends")")
    }
}
