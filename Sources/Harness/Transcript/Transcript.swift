import Crypto
package import Domain
import Foundation
import LanguageModels
import OrderedCollections

/// Makes the lines of a run's transcript.
///
/// Every string is redacted. The hash of a request covers system text, tools and messages in canonical form and grows with
/// the conversation, so that a line costs the same at the end of a long run as at its beginning.
package struct Transcript: Sendable {
    private var sequence = 0
    private var system: JSONValue = .null
    private let redact: Redactor
    private let now: @Sendable () -> Date
    private var base = SHA256()
    private var hash = SHA256()
    private var canonical = CanonicalForm()

    init(redact: @escaping Redactor, now: @escaping @Sendable () -> Date) {
        self.redact = redact
        self.now = now
    }

    /// The first line.
    mutating func session(_ header: JSONValue, system: String, tools: [ToolDefinition]) -> JSONValue {
        self.system = .string(redact(system).0)
        var fields = redacted(header)
        fields["system"] = self.system
        fields["tools"] = begin(tools)
        return line("session", fields)
    }

    /// A line for other tools, with which requests from now on are sent.
    mutating func tools(_ tools: [ToolDefinition], messages: [Message]) -> JSONValue {
        let tools = begin(tools)
        canonical = CanonicalForm()
        for message in messages { add(redacted(message.json)) }
        return line("tools", ["tools": tools])
    }

    /// Starts the hash with what stands above all messages.
    private mutating func begin(_ tools: [ToolDefinition]) -> JSONValue {
        let tools: JSONValue = .array(tools.map(entry))
        base = SHA256()
        let start: JSONValue = ["system": system, "tools": tools]
        base.update(data: Data((start.compactText + "\n").utf8))
        hash = base
        return tools
    }

    /// A tool by name and hash; of those that are not our own the schema too, since nobody could tell it later.
    private func entry(_ tool: ToolDefinition) -> JSONValue {
        let schema = tool.schema.sorted
        return .object([
            "name": .string(tool.name), "sha256": .string(SHA256.hex(schema.compactText)),
            "schema": ToolRegistry.standard.tool(named: tool.name) == nil ? redacted(schema) : nil,
        ])
    }

    /// A line for a message, which from now on is part of every request.
    mutating func message(_ message: Message) -> JSONValue {
        let json = redacted(message.json)
        add(json)
        return line("message", ["message": json])
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

    /// A line for a failed request: before a repetition after a pause, or before room is made for it.
    mutating func retry(_ error: ModelError, delay: Duration) -> JSONValue {
        line(
            "retry",
            .object([
                "class": .string(error.code.rawValue), "status": error.status.map { .int($0) },
                "error": .string(redact(error.message).0), "delayMs": .int(delay.milliseconds),
                "usage": error.usage?.json,
            ])
        )
    }

    /// A line for a change to another model of a chain.
    ///
    /// - Parameters:
    ///   - change: from which model to which, and why.
    ///   - next: the model that is asked from now on.
    /// - Returns: the line.
    mutating func model(_ change: ModelFallback, next: ModelInfo) -> JSONValue {
        line(
            "model",
            .object([
                "from": .string(change.from), "to": .string(change.to), "reason": .string(redact(change.reason).0),
                "contextWindow": .int(next.contextWindow), "maxTokens": .int(next.maxOutputTokens),
                "usage": change.error.usage?.json,
            ])
        )
    }

    /// A line for a compaction, after which requests consist of these messages.
    ///
    /// An empty summary stands for results that were dropped without one.
    mutating func compaction(_ facts: CompactionFacts, messages: [Message]) -> JSONValue {
        hash = base
        canonical = CanonicalForm()
        for message in messages { add(redacted(message.json)) }
        return line(
            "compaction",
            .object([
                "tokensBefore": .int(facts.before), "tokensAfter": .int(facts.after),
                "summary": .string(facts.summary), "files": facts.files.isEmpty ? nil : .string(facts.files),
                "keptFrom": .int(facts.keptFrom), "usage": facts.usage?.json,
            ])
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

    private mutating func add(_ message: JSONValue) {
        hash.update(data: Data((canonical.of(message).compactText + "\n").utf8))
    }

    private mutating func line(_ type: String, _ fields: JSONValue) -> JSONValue {
        var line: JSONValue = [
            "seq": .int(sequence), "ts": .int(now().epochMilliseconds), "type": .string(type),
        ]
        for (key, value) in fields.objectValue ?? [:] { line[key] = value }
        sequence += 1
        return line
    }

    private func redacted(_ value: JSONValue) -> JSONValue { value.mappingStrings { redact($0).0 } }
}

/// What a compaction did.
struct CompactionFacts {
    /// Tokens of the next request, before and after.
    var before: Int
    var after: Int
    /// The model's summary; empty when there was none.
    var summary = ""
    /// What stands below the summary: files read and modified.
    var files = ""
    /// Number of the line of the first message that was kept.
    var keptFrom: Int
    /// Of the request for the summary.
    var usage: TokenUsage?
}
