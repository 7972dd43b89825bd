package import Domain
import Foundation
package import LanguageModels

/// Reads a text file, or a picture if the model can see.
package struct ReadTool: Tool {
    package let definition = ToolDefinition(
        name: "read",
        description: """
            Read a file. Text comes without line numbers, at most 2000 lines or 50KB at a time; go on with offset. \
            Pictures (PNG, JPEG, GIF, WebP) are shown.
            """,
        schema: ToolSchema.object(
            [
                "path": ToolSchema.string("File, absolute or relative to the working directory"),
                "offset": ToolSchema.number("First line, counted from 1"),
                "limit": ToolSchema.number("Number of lines"),
            ],
            required: ["path"]
        )
    )

    /// Has no settings.
    package init() {}

    package func access(_ arguments: JSONValue, in context: ToolContext) -> ToolAccess {
        .reads(ToolPath(arguments["path"]?.stringValue ?? "", in: context).resolved)
    }

    package func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let path = ToolPath(arguments["path"]?.stringValue ?? "", in: context).absolute
        var head: [UInt8] = []
        var page = LinePage(
            offset: arguments["offset"]?.count(atLeast: 1) ?? 1,
            limit: arguments["limit"]?.count(atLeast: 1)
        )
        var isImage = false
        try FileAccess.eachPiece(of: path) { piece in
            if head.isEmpty {
                head = Array(piece)
                isImage = ImageHeader(head) != nil
                if !isImage, head.prefix(8192).contains(0) { throw FileAccess.binary(path, head) }
            }
            page.append(piece)
            return !isImage && !Task.isCancelled
        }
        context.files.note(ToolPath(path, in: context).resolved)
        if isImage { return try show(path, context) }
        return ToolOutput(head.isEmpty ? "(empty file)" : try page.finish(path: path))
    }

    private func show(_ path: String, _ context: ToolContext) throws -> ToolOutput {
        var bytes: [UInt8] = []
        // One byte more than may be shown tells that it is too much.
        try FileAccess.eachPiece(of: path) { piece in
            bytes += piece
            return !Picture.isTooLarge(bytes.count)
        }
        guard let picture = Picture(bytes) else { throw FileAccess.binary(path, bytes) }
        let size = "\(picture.text), \(ToolLimits.sizeText(FileAccess.size(of: path)))"
        guard context.acceptsImages else {
            return ToolOutput("\(path): picture (\(size)); this model cannot see pictures.")
        }
        guard !picture.isTooLarge else {
            throw HarnessError(
                .tooLarge,
                "\(path) is too large to show (\(size)); \(Picture.limits). Shrink it first."
            )
        }
        return ToolOutput([.text(size), picture.content])
    }
}
