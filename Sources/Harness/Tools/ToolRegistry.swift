package import LanguageModels

/// The tools of a session in the order the model sees them.
///
/// A new tool is one file with a type that conforms to ``Tool`` and one line in ``standard``.
package struct ToolRegistry: Sendable {
    package let tools: [any Tool]
    private let indexByName: [String: Int]

    /// The tools every agent has; the order is fixed because it is part of what providers cache.
    package static let standard = ToolRegistry([
        ReadTool(),
        BashTool(),
        EditTool(),
        WriteTool(),
        GrepTool(),
        FindTool(),
        ListTool(),
        JobTool(),
    ])

    /// Of two tools whose names differ in case only the first is found.
    package init(_ tools: [any Tool]) {
        self.tools = tools
        let names = tools.enumerated().map { ($1.definition.name.lowercased(), $0) }
        indexByName = Dictionary(names, uniquingKeysWith: { first, _ in first })
    }

    /// What is sent to the model.
    package var definitions: [ToolDefinition] { tools.map(\.definition) }

    /// The tool of a name, whatever its case; `nil` when there is none.
    package func tool(named name: String) -> (any Tool)? {
        indexByName[name.lowercased()].map { tools[$0] }
    }
}
