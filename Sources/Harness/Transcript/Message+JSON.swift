import Crypto
import Domain
import Foundation
import LanguageModels

extension Message {
    /// Who speaks, in the words of the transcript.
    var role: String {
        switch self {
        case .user: "user"
        case .assistant: "assistant"
        case .toolResult: "toolResult"
        }
    }

    /// All parts.
    var content: [Content] {
        switch self {
        case .user(let message): message.content
        case .assistant(let message): message.content
        case .toolResult(let message): message.content
        }
    }

    /// The message as it stands in a transcript: everything, but of pictures only what tells them apart.
    var json: JSONValue {
        let content: JSONValue = .array(content.map(\.json))
        switch self {
        case .user(let message):
            return ["role": .string(role), "content": content, "timestamp": .int(message.timestamp)]
        case .assistant(let message):
            return [
                "role": .string(role), "content": content, "provider": .string(message.provider.rawValue),
                "model": .string(message.model), "usage": message.usage.json, "stop": .string(message.stop.rawValue),
                "timestamp": .int(message.timestamp),
            ]
        case .toolResult(let message):
            return [
                "role": .string(role), "callId": .string(message.callID), "toolName": .string(message.toolName),
                "content": content, "isError": .bool(message.isError), "timestamp": .int(message.timestamp),
            ]
        }
    }

    /// Reads ``json`` back; `nil` when it is no message.
    ///
    /// Pictures come back as their hash.
    init?(json: JSONValue) {
        let content = (json["content"]?.arrayValue ?? []).compactMap { Content(json: $0) }
        let time = json["timestamp"]?.intValue ?? 0
        switch json["role"]?.stringValue {
        case "user": self = .user(UserMessage(content, timestamp: time))
        case "assistant":
            guard let stop = (json["stop"]?.stringValue).flatMap(StopReason.init(rawValue:)) else { return nil }
            self = .assistant(
                AssistantMessage(
                    content: content,
                    provider: (json["provider"]?.stringValue).flatMap(ModelProvider.init(rawValue:)) ?? .custom,
                    model: json["model"]?.stringValue ?? "",
                    usage: TokenUsage(json: json["usage"] ?? [:]),
                    stop: stop,
                    timestamp: time
                )
            )
        case "toolResult":
            self = .toolResult(
                ToolResultMessage(
                    callID: json["callId"]?.stringValue ?? "",
                    toolName: json["toolName"]?.stringValue ?? "",
                    content: content,
                    isError: json["isError"]?.boolValue ?? false,
                    timestamp: time
                )
            )
        default: return nil
        }
    }
}

extension Content {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let part):
            .object(["type": "text", "text": .string(part.text), "signature": part.signature.map(JSONValue.string)])
        case .thinking(let part):
            .object([
                "type": "thinking", "text": .string(part.text), "signature": part.signature.map(JSONValue.string),
                "redacted": .bool(part.isRedacted),
            ])
        case .image(let part): RecordedImage(part).json
        case .toolCall(let part):
            .object([
                "type": "toolCall", "id": .string(part.id), "name": .string(part.name), "arguments": part.arguments,
                "complete": part.isComplete ? nil : false, "signature": part.signature.map(JSONValue.string),
            ])
        }
    }

    fileprivate init?(json: JSONValue) {
        let text = json["text"]?.stringValue ?? ""
        let signature = json["signature"]?.stringValue
        switch json["type"]?.stringValue {
        case "text": self = .text(TextContent(text: text, signature: signature))
        case "thinking":
            let isRedacted = json["redacted"]?.boolValue ?? false
            self = .thinking(ThinkingContent(text: text, signature: signature, isRedacted: isRedacted))
        case "image": self = .image(RecordedImage(json: json).content)
        case "toolCall":
            self = .toolCall(
                ToolCall(
                    id: json["id"]?.stringValue ?? "",
                    name: json["name"]?.stringValue ?? "",
                    arguments: json["arguments"] ?? [:],
                    isComplete: json["complete"]?.boolValue ?? true,
                    signature: signature
                )
            )
        default: return nil
        }
    }
}

/// A picture as a transcript keeps it.
struct RecordedImage: Hashable {
    private static let mark = "recorded:"

    let mime: String
    let bytes: Int
    let sha256: String

    /// Looks at a picture; one that was recorded already is recognised.
    init(_ image: ImageContent) {
        mime = image.mime
        // A colon stands in no Base64 text.
        let parts = image.base64.hasPrefix(Self.mark) ? image.base64.split(separator: ":") : []
        if parts.count == 3, let count = Int(parts[1]) {
            bytes = count
            sha256 = String(parts[2])
        } else {
            let data = Data(base64Encoded: image.base64) ?? Data(image.base64.utf8)
            bytes = data.count
            sha256 = SHA256.hash(data: data).hexText
        }
    }

    init(json: JSONValue) {
        mime = json["mime"]?.stringValue ?? ""
        bytes = json["bytes"]?.intValue ?? 0
        sha256 = json["sha256"]?.stringValue ?? ""
    }

    var json: JSONValue {
        ["type": "image", "mime": .string(mime), "bytes": .int(bytes), "sha256": .string(sha256)]
    }

    /// Stands for the picture where only its identity matters.
    var content: ImageContent { ImageContent(mime: mime, base64: "\(Self.mark)\(bytes):\(sha256)") }
}
