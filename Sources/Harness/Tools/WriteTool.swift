package import Domain
import Foundation
package import LanguageModels

/// Creates or replaces a file.
package struct WriteTool: Tool {
    package let definition = ToolDefinition(
        name: "write",
        description: "Create a file or replace its whole content. Missing directories are created.",
        schema: ToolSchema.object(
            [
                "path": ToolSchema.string("File, absolute or relative to the working directory"),
                "content": ToolSchema.string("The whole content"),
            ],
            required: ["path", "content"]
        )
    )

    /// Has no settings.
    package init() {}

    package func access(_ arguments: JSONValue, in context: ToolContext) -> ToolAccess {
        .writes(ToolPath(arguments["path"]?.stringValue ?? "", in: context).resolved)
    }

    package func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let written = ToolPath(arguments["path"]?.stringValue ?? "", in: context)
        let path = FileAccess.followingLink(written)
        guard FileAccess.kind(of: path) != .directory else {
            throw HarnessError(.isDirectory, "\(path) is a directory. Name a file in it.")
        }
        try FileAccess.makeDirectory(of: path, in: context)
        let bytes = Array((arguments["content"]?.stringValue ?? "").utf8)
        let changed = context.files.hasChanged(path)
        try FileAccess.replace(path, with: bytes, in: context)
        context.files.note(path)
        let note = changed ? "\n[The file had changed on disk since it was last read or written here.]" : ""
        return ToolOutput("Wrote \(bytes.count) bytes to \(written.absolute)\(note)")
    }
}
