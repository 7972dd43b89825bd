import Crypto
import Domain
import Foundation
import LanguageModels

/// A tool of a server, as the model sees it.
struct MCPTool: Tool {
    private static let longestName = 64

    let definition: ToolDefinition
    /// The server's own name for it.
    let name: String
    let server: MCPServer

    var acceptsUnknownArguments: Bool { true }

    init(_ facts: MCPToolFacts, server: MCPServer) {
        name = facts.name
        self.server = server
        definition = ToolDefinition(
            name: Self.publicName(server: server.config.name, tool: facts.name),
            description: facts.description,
            schema: MCPSchema.reduced(facts.schema)
        )
    }

    func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let result = try await server.call(name, arguments)
        return MCPResult.output(result, acceptsImages: context.acceptsImages)
    }

    /// `mcp__<server>__<tool>` in the characters that every provider takes; a long name ends with a hash of the whole.
    static func publicName(server: String, tool: String) -> String {
        let whole = "mcp__\(server)__\(tool)"
        let plain = String(String.UnicodeScalarView(whole.unicodeScalars.map { isPlain($0) ? $0 : "_" }))
        guard plain != whole || plain.count > longestName else { return plain }
        let hash = SHA256.hex(whole).prefix(8)
        return plain.prefix(longestName - hash.count - 1) + "_" + hash
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }
}

/// What a server answered to a call, as the model reads it.
enum MCPResult {
    static func output(_ result: JSONValue, acceptsImages: Bool) -> ToolOutput {
        var content: [Content] = []
        var text = BoundedText()
        var hasText = false
        for part in result["content"]?.arrayValue ?? [] {
            var said = words(part)
            if part["type"] == "image", acceptsImages {
                let (picture, note) = shown(part)
                if let picture { content.append(picture.content) }
                guard let note else { continue }
                said = note
            }
            let piece = (hasText ? "\n" : "") + said
            hasText = true
            text.append(Array(piece.utf8)[...])
        }
        if !hasText, let structured = result["structuredContent"], structured != .null {
            text.append(Array(structured.compactText.utf8)[...])
        }
        let whole = text.text(file: nil, skippedLines: 0, skippedBytes: 0)
        if !whole.isEmpty { content.insert(.text(whole), at: 0) }
        if content.isEmpty { content = [.text("(no output)")] }
        return ToolOutput(content, isError: result["isError"]?.boolValue ?? false)
    }

    /// A picture, or why it is not shown: one that the provider refuses would end the conversation.
    private static func shown(_ part: JSONValue) -> (Picture?, String?) {
        let data = part["data"]?.stringValue.flatMap { Data(base64Encoded: $0, options: .ignoreUnknownCharacters) }
        guard let picture = Picture(Array(data ?? Data())) else {
            let mime = part["mimeType"]?.stringValue ?? "unknown type"
            return (nil, "[picture (\(mime)) left out: only PNG, JPEG, GIF and WebP can be shown]")
        }
        guard picture.isTooLarge else { return (picture, nil) }
        let size = "\(picture.text), \(ToolLimits.sizeText(picture.bytes.count))"
        return (nil, "[picture (\(size)) left out: too large to show; \(Picture.limits). Ask for a smaller one.]")
    }

    private static func words(_ part: JSONValue) -> String {
        let mime = part["mimeType"]?.stringValue ?? "unknown type"
        switch part["type"]?.stringValue {
        case "text": return part["text"]?.stringValue ?? ""
        case "image": return "[picture (\(mime)); this model cannot see pictures]"
        case "audio": return "[sound (\(mime)) left out]"
        case "resource_link": return "[resource \(part["uri"]?.stringValue ?? "")] \(part["name"]?.stringValue ?? "")"
        case "resource":
            let resource = part["resource"] ?? [:]
            let uri = resource["uri"]?.stringValue ?? ""
            guard let text = resource["text"]?.stringValue else { return "[resource \(uri), binary, left out]" }
            return "[resource \(uri)]\n\(text)"
        default: return part.compactText
        }
    }
}
