import Domain
import Foundation

/// An agent that only waits for a project: its instructions, its settings and what has to be asked.
package struct AgentTemplate: Hashable, Sendable {
    /// As people name it: `dev`.
    package let id: String
    /// What the agent does, in one line.
    package let summary: String
    let credentials: [String]
    let schedule: String?
    var scale = 1
    /// Seconds; `nil` = the project's.
    var timeout: Int?
    /// Deliveries that start it.
    var triggers: [AgentTemplateTrigger] = []
    /// Values that differ from project to project; they become `[params]`, in this order.
    package var placeholders: [AgentTemplatePlaceholder] = []
    /// Whether its image needs the `gh` command.
    var needsGitHubCLI = false
    /// The text of `ACTIONS.md`; `# {{name}}` becomes the agent's name.
    let actions: String

    /// All templates: one file each, one line here.
    package static let all: [AgentTemplate] = [.dev, .reviewer, .planner, .devops, .redditModerator, .custom]

    /// The template of that id.
    package static func named(_ id: String) -> AgentTemplate? { all.first { $0.id == id } }

    /// Type of the webhook source that its triggers need; `nil` = none.
    package var sourceType: String? { triggers.isEmpty ? nil : "github" }
}

/// A `[[webhooks]]` entry of a template; values in braces are placeholders.
struct AgentTemplateTrigger: Hashable, Sendable {
    var events: [String]
    var actions: [String]
    /// Placeholder whose value is the only label that counts.
    var label: String?
    /// Whether only what the placeholder `author` wrote counts.
    var isByAuthor = false
}

/// A value that a template asks for.
package struct AgentTemplatePlaceholder: Hashable, Sendable {
    /// What a value must be like.
    package enum Kind: Hashable, Sendable {
        case text
        /// A whole number of at least 1.
        case number
        /// Several texts: on one line, with commas between them.
        case list
    }

    /// The key in `[params]`.
    package let name: String
    package let question: String
    package var kind = Kind.text
    /// What Enter alone answers.
    package var defaultValue: String?
    /// What the example in the repository uses.
    let example: String

    /// A sentence when a value will not do.
    package func problem(with value: String) -> String? {
        switch kind {
        case .text: value.withoutOuterSpace.isEmpty ? "It must not be empty." : nil
        case .number: Int(value.withoutOuterSpace).map { $0 >= 1 } == true ? nil : "A whole number of at least 1."
        case .list: Self.items(value).isEmpty ? "At least one, with commas between them." : nil
        }
    }

    /// The value as it stands in the file.
    func toml(_ value: String) -> String {
        switch kind {
        case .text: JSONValue.quoted(value.withoutOuterSpace)
        case .number: value.withoutOuterSpace
        case .list: "[" + Self.items(value).map(JSONValue.quoted).joined(separator: ", ") + "]"
        }
    }

    private static func items(_ value: String) -> [String] {
        value.split(separator: ",").map { String($0).withoutOuterSpace }.filter { !$0.isEmpty }
    }
}
