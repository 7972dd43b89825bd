package import Domain
package import LanguageModels

/// Finds files by name.
package struct FindTool: Tool {
    private static let defaultLimit = 1000

    package let definition = ToolDefinition(
        name: "find",
        description: """
            Find files and directories by a glob (*, ?, [], {}, **). A pattern without / is about names at any depth. \
            What git ignores is left out.
            """,
        schema: ToolSchema.object(
            [
                "pattern": ToolSchema.string("Glob, such as *.swift or src/**/test_*.py"),
                "path": ToolSchema.string("Directory to search; the working directory by default"),
                "limit": ToolSchema.number("Most results, 1000 by default"),
            ],
            required: ["pattern"]
        )
    )
    private let time: SearchTime

    /// Sets the patience.
    ///
    /// - Parameter seconds: how long a search may take.
    package init(seconds: Double = 20) { time = SearchTime(seconds: seconds) }

    @concurrent
    package func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let root = ToolPath(arguments["path"]?.stringValue ?? ".", in: context).absolute
        try FileAccess.requireDirectory(root)
        let filter = NameFilter(arguments["pattern"]?.stringValue ?? "")
        let limit = arguments["limit"]?.count(atLeast: 1) ?? Self.defaultLimit
        var lines = ResultLines()
        var hasMore = false
        let isComplete = FileWalk(root, isOver: time.start()).each { entry in
            guard filter.accepts(entry.relative) else { return .goOn }
            hasMore = lines.lines.count == limit
            guard !hasMore else { return .stop }
            return lines.add(entry.relative + (entry.isDirectory ? "/" : "")) ? .goOn : .stop
        }
        var notes = hasMore ? ["[\(limit) results shown, there are more. Raise limit or narrow the pattern down.]"] : []
        if !isComplete { notes.append(time.note) }
        return ToolOutput(lines.text(notes: notes, otherwise: "No files found matching pattern"))
    }
}
