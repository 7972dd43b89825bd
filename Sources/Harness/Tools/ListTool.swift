package import Domain
import Foundation
package import LanguageModels

/// Lists a directory.
package struct ListTool: Tool {
    private static let defaultLimit = 500

    package let definition = ToolDefinition(
        name: "ls",
        description: "List a directory, hidden files too: / after directories, @ after links that lead nowhere.",
        schema: ToolSchema.object(
            [
                "path": ToolSchema.string("Directory; the working directory by default"),
                "limit": ToolSchema.number("Most entries, 500 by default"),
            ],
            required: []
        )
    )

    /// Has no settings.
    package init() {}

    package func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let path = ToolPath(arguments["path"]?.stringValue ?? ".", in: context).absolute
        try FileAccess.requireDirectory(path)
        let limit = arguments["limit"]?.count(atLeast: 1) ?? Self.defaultLimit
        guard let names = DirectoryListing.names(path) else {
            throw HarnessError(.systemCall, "Cannot read \(path). Check its permissions with `ls -ld`.")
        }
        let sorted = names.map(\.text).sorted { ($0.lowercased(), $0) < ($1.lowercased(), $1) }
        var lines = ResultLines()
        for name in sorted.prefix(limit) {
            guard lines.add(name + Self.mark(path + "/" + name)) else { break }
        }
        let notes =
            sorted.count > limit ? ["[\(limit) of \(sorted.count) entries shown. Raise limit to see more.]"] : []
        return ToolOutput(lines.text(notes: notes, otherwise: "(empty directory)"))
    }

    private static func mark(_ path: String) -> String {
        switch FileAccess.kind(of: path) {
        case .directory: "/"
        case .missing: "@"
        case .file, .special: ""
        }
    }
}
