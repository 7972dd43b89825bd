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
        let bytes = try FileAccess.bytes(of: path)
        context.files.note(ToolPath(path, in: context).resolved)
        if let image = ImageHeader(bytes) { return try show(image, bytes, path, context) }
        if bytes.prefix(8192).contains(0) {
            throw HarnessError(
                .binary,
                "\(path) is no text: \(ToolLimits.sizeText(bytes.count)), looks like \(Self.guess(bytes)). "
                    + "Look at it with a command such as `file`, `xxd` or `strings`."
            )
        }
        if bytes.isEmpty { return ToolOutput("(empty file)") }
        let offset = max(1, arguments["offset"]?.doubleValue.map { Int($0.clamped) } ?? 1)
        let limit = arguments["limit"]?.doubleValue.map { max(1, Int($0.clamped)) }
        return ToolOutput(try Self.page(bytes, path: path, offset: offset, limit: limit))
    }

    private func show(
        _ image: ImageHeader,
        _ bytes: [UInt8],
        _ path: String,
        _ context: ToolContext
    ) throws -> ToolOutput {
        let size = "\(image.mime), \(image.width)x\(image.height) pixels, \(ToolLimits.sizeText(bytes.count))"
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

    /// Cuts the wanted lines out and says what is left.
    static func page(_ bytes: [UInt8], path: String, offset: Int, limit: Int?) throws -> String {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if bytes.last == UInt8(ascii: "\n") { lines.removeLast() }
        guard offset <= lines.count else {
            throw HarnessError(.outOfRange, "Line \(offset) is past the end: \(path) has \(lines.count) lines.")
        }
        let wanted = limit.map { min(offset - 1 + $0, lines.count) } ?? lines.count
        var end = offset - 1
        var size = 0
        var hitBytes = false
        while end < wanted, end - (offset - 1) < ToolLimits.lines {
            let grown = size + lines[end].count + (size > 0 ? 1 : 0)
            if grown > ToolLimits.bytes {
                hitBytes = true
                break
            }
            size = grown
            end += 1
        }
        if end == offset - 1 {
            return "[Line \(offset) alone is \(ToolLimits.sizeText(lines[offset - 1].count)), over the 50KB limit. "
                + "Use bash: sed -n '\(offset)p' '\(path)' | head -c \(ToolLimits.bytes)]"
        }
        let text = lines[(offset - 1)..<end].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        guard end < lines.count else { return text }
        let reason = hitBytes ? " (50KB limit)" : ""
        return text + "\n[Lines \(offset)-\(end) of \(lines.count)\(reason). Go on with offset=\(end + 1).]"
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

extension Double {
    /// Limited to what an `Int` holds on every machine.
    fileprivate var clamped: Double { Swift.min(Swift.max(self, -1e9), 1e9) }
}
