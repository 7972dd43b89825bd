package import Domain
package import LanguageModels

/// A run as its transcript tells it.
package struct RecordedRun: Sendable {
    /// The first line.
    package let header: JSONValue
    /// The lines behind the first one, in order.
    package let lines: [JSONValue]

    /// Reads a transcript: one JSON document a line.
    ///
    /// A last line without its end is left out: the run's host may have been stopped while it wrote.
    ///
    /// - Throws: ``RecordedRunError`` naming the line.
    package init(parsing text: String) throws(RecordedRunError) {
        var lines: [JSONValue] = []
        let texts = text.split(separator: "\n", omittingEmptySubsequences: true)
        for (index, line) in texts.enumerated() {
            do {
                lines.append(try JSONValue(parsing: String(line)))
            } catch {
                guard index == texts.count - 1, !text.hasSuffix("\n") else {
                    throw RecordedRunError(code: .brokenLine, line: index + 1)
                }
            }
        }
        guard let first = lines.first, first["type"] == "session" else {
            throw RecordedRunError(code: .noSession, line: 1)
        }
        guard first["v"] == 1 else { throw RecordedRunError(code: .unknownVersion, line: 1) }
        header = first
        self.lines = Array(lines.dropFirst())
    }

    /// The system text that was sent.
    package var system: String { header["system"]?.stringValue ?? "" }

    /// All messages in order, those too that a compaction took out.
    package var messages: [Message] { lines.compactMap { $0["message"].flatMap(Message.init(json:)) } }

    /// The first thing that was said to the model.
    package var prompt: String { messages.first.map { ToolOutput($0.content).text } ?? "" }

    /// The conversation as it stood at the end of the record, fit to be continued with any model.
    ///
    /// What a compaction replaced is replaced here too. Pictures were not kept and become notes; a call that the record
    /// leaves without answer gets one.
    package var conversation: [Message] {
        var history: [(sequence: Int, message: Message)] = []
        for line in lines {
            let sequence = line["seq"]?.intValue ?? 0
            if let message = line["message"].flatMap(Message.init(json:)) {
                history.append((sequence, message.withoutPictures))
            } else if line["type"] == "compaction", let summary = line["summary"]?.stringValue, !summary.isEmpty {
                let kept = line["keptFrom"]?.intValue ?? 0
                let text = Compaction.wrapped(summary + (line["files"]?.stringValue ?? ""))
                let wrapped = Message.user(UserMessage([.text(text)], timestamp: line["ts"]?.intValue ?? 0))
                history = history.prefix(1) + [(sequence, wrapped)] + history.dropFirst().filter { $0.sequence >= kept }
            }
        }
        return history.map(\.message).answered
    }

    /// The model that was asked first.
    package var model: ModelInfo {
        let facts = header["model"] ?? [:]
        return ModelInfo(
            provider: (facts["provider"]?.stringValue).flatMap(ModelProvider.init(rawValue:)) ?? .custom,
            id: facts["model"]?.stringValue ?? "",
            contextWindow: facts["contextWindow"]?.intValue ?? 200_000,
            maxOutputTokens: facts["maxTokens"]?.intValue ?? 8192,
            acceptsImages: facts["images"]?.boolValue ?? false
        )
    }

    /// The budgets that held.
    var limits: RunLimits {
        var limits = RunLimits()
        let facts = header["limits"] ?? [:]
        limits.maxTurns = facts["maxTurns"]?.intValue ?? limits.maxTurns
        limits.maxTokensPerRun = facts["maxTokensPerRun"]?.intValue
        limits.maxCostPerRun = facts["maxCostPerRun"]?.doubleValue
        limits.maxCostPerDay = facts["maxCostPerDay"]?.doubleValue
        return limits
    }
}

/// Why a text is no transcript.
package struct RecordedRunError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case noSession, brokenLine, unknownVersion
    }

    package let code: Code
    /// Counted from 1.
    package let line: Int

    package var description: String {
        switch code {
        case .noSession: "line \(line) does not begin a transcript: expected type \"session\""
        case .brokenLine: "line \(line) of the transcript is no JSON"
        case .unknownVersion: "the transcript has a version that this program does not know"
        }
    }
}

extension Message {
    /// Pictures of a transcript are only known by their hash; a model is told so instead.
    fileprivate var withoutPictures: Message {
        func told(_ content: [Content]) -> [Content] {
            content.map { part in
                if case .image(let image) = part { .text("[\(image.mime) picture, no longer at hand]") } else { part }
            }
        }
        switch self {
        case .user(var message):
            message.content = told(message.content)
            return .user(message)
        case .toolResult(var message):
            message.content = told(message.content)
            return .toolResult(message)
        case .assistant: return self
        }
    }
}

extension [Message] {
    /// The same with an answer for each call that has none: the run was ended while the tool ran.
    fileprivate var answered: [Message] {
        let answers = Set(compactMap { if case .toolResult(let result) = $0 { result.callID } else { nil } })
        return flatMap { message -> [Message] in
            guard case .assistant(let reply) = message else { return [message] }
            let open = reply.toolCalls.filter { !answers.contains($0.id) }
            return [message]
                + open.map { call in
                    .toolResult(
                        ToolResultMessage(
                            callID: call.id,
                            toolName: call.name,
                            content: [.text("no result: the run ended")],
                            isError: true,
                            timestamp: reply.timestamp
                        )
                    )
                }
        }
    }
}
