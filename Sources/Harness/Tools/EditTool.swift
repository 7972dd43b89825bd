package import Domain
package import LanguageModels

/// Replaces a piece of a text file and leaves every other byte as it was.
package struct EditTool: Tool {
    package let definition = ToolDefinition(
        name: "edit",
        description: """
            Replace a piece of a text file. oldText must occur exactly once, blanks and line breaks included, \
            unless replaceAll is true.
            """,
        schema: ToolSchema.object(
            [
                "path": ToolSchema.string("File, absolute or relative to the working directory"),
                "oldText": ToolSchema.string("The text as it stands in the file"),
                "newText": ToolSchema.string("The text to put in its place"),
                "replaceAll": ToolSchema.boolean("Replace every occurrence"),
            ],
            required: ["path", "oldText", "newText"]
        )
    )

    /// An edit takes many times this in memory.
    private static let mostBytes = 64 << 20

    /// Has no settings.
    package init() {}

    package func access(_ arguments: JSONValue, in context: ToolContext) -> ToolAccess {
        .writes(ToolPath(arguments["path"]?.stringValue ?? "", in: context).resolved)
    }

    package func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let written = ToolPath(arguments["path"]?.stringValue ?? "", in: context)
        let path = written.resolved
        let size = FileAccess.size(of: path)
        guard size <= Self.mostBytes else {
            let text = ToolLimits.sizeText(size)
            throw HarnessError(.tooLarge, "\(path) is too large to edit (\(text)). Use a command such as `sed -i`.")
        }
        let bytes = try FileAccess.bytes(of: path)
        let changed = context.files.hasChanged(path)
        let edit = try TextEdit(
            bytes,
            path: written.absolute,
            old: arguments["oldText"]?.stringValue ?? "",
            new: arguments["newText"]?.stringValue ?? "",
            replacingAll: arguments["replaceAll"]?.boolValue ?? false
        )
        try FileAccess.replace(path, with: edit.result, in: context)
        context.files.note(path)
        return ToolOutput(
            edit.report + (changed ? "\n[The file had changed on disk since it was last read here.]" : "")
        )
    }
}
