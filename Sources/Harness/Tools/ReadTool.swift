package import Domain
import Foundation
package import LanguageModels

/// Reads a text file, or a picture if the model can see.
package struct ReadTool: Tool {
    private static let imageBytes = 4_718_592
    private static let imagePixels = 8000

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
                if !isImage, head.prefix(8192).contains(0) { throw Self.binary(path, head) }
            }
            page.append(piece)
            return !isImage && !Task.isCancelled
        }
        context.files.note(ToolPath(path, in: context).resolved)
        if isImage { return try show(path, context) }
        return ToolOutput(head.isEmpty ? "(empty file)" : try page.finish(path: path))
    }

    private static func binary(_ path: String, _ head: [UInt8]) -> HarnessError {
        HarnessError(
            .binary,
            "\(path) is no text: \(ToolLimits.sizeText(FileAccess.size(of: path))), looks like \(guess(head)). "
                + "Look at it with a command such as `file`, `xxd` or `strings`."
        )
    }

    private func show(_ path: String, _ context: ToolContext) throws -> ToolOutput {
        var bytes: [UInt8] = []
        // One byte more than may be shown tells that it is too much.
        try FileAccess.eachPiece(of: path) { piece in
            bytes += piece
            return bytes.count <= Self.imageBytes
        }
        guard let image = ImageHeader(bytes) else { throw Self.binary(path, bytes) }
        let length = ToolLimits.sizeText(FileAccess.size(of: path))
        let size = "\(image.mime), \(image.width)x\(image.height) pixels, \(length)"
        guard context.acceptsImages else {
            return ToolOutput("\(path): picture (\(size)); this model cannot see pictures.")
        }
        guard bytes.count <= Self.imageBytes, max(image.width, image.height) <= Self.imagePixels else {
            throw HarnessError(
                .tooLarge,
                "\(path) is too large to show (\(size)); at most 4.5MB and 8000 pixels a side. Shrink it first."
            )
        }
        return ToolOutput([
            .text(size), .image(ImageContent(mime: image.mime, base64: Data(bytes).base64EncodedString())),
        ])
    }

    private static func guess(_ bytes: [UInt8]) -> String {
        let kinds: [([UInt8], String)] = [
            ([0x7F, 0x45, 0x4C, 0x46], "an ELF program"), ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive"),
            ([0x1F, 0x8B], "gzip data"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
            (Array("SQLite format 3".utf8), "an SQLite database"),
        ]
        return kinds.first { bytes.starts(with: $0.0) }?.1 ?? "binary data"
    }
}
