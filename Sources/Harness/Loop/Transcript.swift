import Crypto
package import Domain
import Foundation
import LanguageModels
import OrderedCollections

/// Makes the lines of a run's transcript.
///
/// Every string is redacted. The hash of a request covers system text, tools and messages in canonical form (keys sorted, times
/// left out, call ids numbered by first appearance) and grows with the conversation, so that a line costs the same at the end
/// of a long run as at its beginning.
package struct Transcript: Sendable {
    private var sequence = 0
    private let redact: Redactor
    private let now: @Sendable () -> Date
    private var base = SHA256()
    private var hash = SHA256()
    private var callNumbers: [String: Int] = [:]

    init(redact: @escaping Redactor, now: @escaping @Sendable () -> Date) {
        self.redact = redact
        self.now = now
    }

    /// The first line.
    mutating func session(_ header: JSONValue, system: String, tools: [ToolDefinition]) -> JSONValue {
        let canonical: JSONValue = .array(
            tools.map {
                ["description": .string($0.description), "name": .string($0.name), "schema": $0.schema.sorted]
            }
        )
        base.update(data: Data("{\"system\":\(JSONValue.quoted(system)),\"tools\":\(canonical.compactText)}\n".utf8))
        hash = base
        var fields = header.objectValue ?? [:]
        fields["system"] = .string(system)
        fields["tools"] = .array(
            tools.map { ["name": .string($0.name), "sha256": .string(Self.digest($0.schema.sorted.compactText))] }
        )
        return line("session", .object(fields))
    }

    /// A line for a message, which from now on is part of every request.
    mutating func message(_ message: Message) -> JSONValue {
        addToHash(message)
        return line("message", ["message": message.json(callID: { $0 }, withTimes: true)])
    }

    /// A line for a request.
    mutating func request(turn: Int, attempt: Int, model: ModelInfo, messages: Int) -> JSONValue {
        line(
            "request",
            [
                "turn": .int(turn), "attempt": .int(attempt),
                "model": .string("\(model.provider.rawValue)/\(model.id)"), "messages": .int(messages),
                "sha256": .string(hash.finalize().hexText),
            ]
        )
    }

    /// A line for a pause before a repetition.
    mutating func retry(_ error: ModelError, delay: Duration) -> JSONValue {
        line(
            "retry",
            .object([
                "class": .string(error.code.rawValue), "status": error.status.map { .int($0) },
                "error": .string(error.message), "delayMs": .int(delay.milliseconds),
            ])
        )
    }

    /// A line for a change to another model.
    mutating func model(from: String, to: String, reason: String) -> JSONValue {
        line("model", ["from": .string(from), "to": .string(to), "reason": .string(redact(reason).0)])
    }

    /// A line for a compaction, after which requests consist of these messages.
    mutating func compaction(before: Int, after: Int, summary: String, keptFrom: Int, messages: [Message]) -> JSONValue
    {
        hash = base
        callNumbers = [:]
        messages.forEach { addToHash($0) }
        return line(
            "compaction",
            [
                "tokensBefore": .int(before), "tokensAfter": .int(after), "summary": .string(summary),
                "keptFrom": .int(keptFrom),
            ]
        )
    }

    /// The last line.
    ///
    /// - Parameters:
    ///   - outcome: the run's.
    ///   - exitCode: the run's.
    ///   - usage: of all requests.
    /// - Returns: the line; nothing may follow it.
    package mutating func end(outcome: String, exitCode: Int, usage: TokenUsage) -> JSONValue {
        line(
            "end",
            [
                "outcome": .string(outcome), "exitCode": .int(exitCode), "usage": usage.json,
                "cost": usage.cost.map(JSONValue.double) ?? .null, "turns": .int(usage.turns),
            ]
        )
    }

    /// Number of the next line.
    var nextSequence: Int { sequence }

    private mutating func addToHash(_ message: Message) {
        let canonical = message.json(callID: { number(of: $0) }, withTimes: false).sorted.compactText
        hash.update(data: Data((canonical + "\n").utf8))
    }

    private mutating func number(of id: String) -> String {
        if let known = callNumbers[id] { return "\(known)" }
        callNumbers[id] = callNumbers.count
        return "\(callNumbers.count - 1)"
    }

    private mutating func line(_ type: String, _ fields: JSONValue) -> JSONValue {
        var line: JSONValue = [
            "seq": .int(sequence), "ts": .int(Int(now().timeIntervalSince1970 * 1000)), "type": .string(type),
        ]
        for (key, value) in fields.objectValue ?? [:] { line[key] = redacted(value) }
        sequence += 1
        return line
    }

    private func redacted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(redact(text).0)
        case .array(let values): .array(values.map(redacted))
        case .object(let members): .object(members.mapValues(redacted))
        case .null, .bool, .number: value
        }
    }

    fileprivate static func digest(_ text: String) -> String { SHA256.hash(data: Data(text.utf8)).hexText }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}

extension JSONValue {
    /// The same value with the keys of all objects in order.
    fileprivate var sorted: JSONValue {
        switch self {
        case .object(let members):
            .object(.init(uniqueKeysWithValues: members.map { ($0.key, $0.value.sorted) }.sorted { $0.0 < $1.0 }))
        case .array(let values): .array(values.map(\.sorted))
        default: self
        }
    }
}

extension Message {
    fileprivate func json(callID: (String) -> String, withTimes: Bool) -> JSONValue {
        switch self {
        case .user(let message):
            .object([
                "role": "user", "content": Self.json(message.content, callID),
                "timestamp": withTimes ? .int(message.timestamp) : nil,
            ])
        case .assistant(let message):
            .object([
                "role": "assistant", "content": Self.json(message.content, callID),
                "provider": .string(message.provider.rawValue), "model": .string(message.model),
                "usage": withTimes ? message.usage.json : nil, "stop": .string(message.stop.rawValue),
                "timestamp": withTimes ? .int(message.timestamp) : nil,
            ])
        case .toolResult(let message):
            .object([
                "role": "toolResult", "callId": .string(callID(message.callID)), "toolName": .string(message.toolName),
                "content": Self.json(message.content, callID), "isError": .bool(message.isError),
                "timestamp": withTimes ? .int(message.timestamp) : nil,
            ])
        }
    }

    private static func json(_ content: [Content], _ callID: (String) -> String) -> JSONValue {
        .array(
            content.map { part in
                switch part {
                case .text(let part):
                    .object([
                        "type": "text", "text": .string(part.text), "signature": part.signature.map(JSONValue.string),
                    ])
                case .thinking(let part):
                    .object([
                        "type": "thinking", "text": .string(part.text),
                        "signature": part.signature.map(JSONValue.string), "redacted": .bool(part.isRedacted),
                    ])
                case .image(let part):
                    [
                        "type": "image", "mime": .string(part.mime), "bytes": .int(part.base64.utf8.count * 3 / 4),
                        "sha256": .string(Transcript.digest(part.base64)),
                    ]
                case .toolCall(let part):
                    .object([
                        "type": "toolCall", "id": .string(callID(part.id)), "name": .string(part.name),
                        "arguments": part.arguments, "signature": part.signature.map(JSONValue.string),
                    ])
                }
            }
        )
    }
}
