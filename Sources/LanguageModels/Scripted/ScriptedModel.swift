import Domain
import Foundation
import Synchronization

/// A model whose replies stand in a file: no key, no network.
final class ScriptedModel: LanguageModel {
    let info: ModelInfo
    private let player: Mutex<ScriptPlayer>
    private let summary: String
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date

    init(
        script: Script,
        id: String,
        config: ModelConfig,
        facts: ScriptFacts,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date
    ) {
        info = ModelInfo(
            provider: .scripted,
            id: id,
            contextWindow: config.contextWindow ?? script.contextWindow ?? 200_000,
            maxOutputTokens: config.maxTokens ?? script.maxTokens ?? 8192,
            acceptsImages: config.images ?? true,
            canReason: config.reasoning ?? true,
            price: config.price ?? script.price ?? ModelPrice(input: 0, output: 0)
        )
        player = Mutex(ScriptPlayer(script: script, facts: facts))
        summary = script.summary ?? "The conversation so far followed the script."
        self.clock = clock
        self.now = now
    }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        if request.isCompaction {
            return try await play(ScriptReply(text: summary, stop: .stop), request: request, onEvent: onEvent)
        }
        let step: ScriptPlayer.Step
        do {
            step = try player.withLock { player throws(ScriptMismatch) in try player.next(request) }
        } catch {
            throw self.error(.script, message: error.message)
        }
        switch step {
        case .reply(let reply): return try await play(reply, request: request, onEvent: onEvent)
        case .fail(let failure, let reply):
            try await fail(failure, reply: reply, onEvent: onEvent)
        }
    }

    private func play(
        _ reply: ScriptReply,
        request: ModelRequest,
        onEvent: @Sendable (ModelEvent) -> Void
    ) async throws -> AssistantMessage {
        try await pause(reply.delay)
        onEvent(.start)
        _ = try await stream(reply, limit: .max, onEvent: onEvent)
        let content = reply.content
        var usage = TokenUsage(
            input: reply.usage.input ?? TokenEstimate.tokens(of: request),
            output: reply.usage.output ?? content.reduce(0) { $0 + TokenEstimate.tokens(of: $1) },
            cacheRead: reply.usage.cacheRead ?? 0,
            cacheWrite: reply.usage.cacheWrite ?? 0,
            turns: 1
        )
        usage.cost = info.price?.cost(of: usage)
        return AssistantMessage(
            content: content,
            provider: .scripted,
            model: info.id,
            usage: usage,
            stop: reply.stop,
            timestamp: now().epochMilliseconds
        )
    }

    private func fail(
        _ failure: ScriptFailure,
        reply: ScriptReply,
        onEvent: @Sendable (ModelEvent) -> Void
    ) async throws -> Never {
        let kind = failure.kind
        if kind.isMidStream {
            try await pause(reply.delay)
            onEvent(.start)
            _ = try await stream(reply, limit: failure.after ?? reply.length / 2, onEvent: onEvent)
        }
        // As long as the transport waits for a byte of a real provider.
        if kind == .hang { try await clock.sleep(for: .seconds(300)) }
        let words: String =
            switch kind {
            case .cut: "the stream ended before the reply was complete"
            case .garbage: "an event of the stream is not valid JSON"
            case .hang: "no byte came for 300 s"
            default: "\(kind.rawValue), as the script says"
            }
        throw error(
            kind.code,
            status: failure.status ?? kind.status,
            message: failure.message ?? words,
            retryAfter: failure.retryAfter
        )
    }

    /// Emits chunks until so many characters are out.
    private func stream(_ reply: ScriptReply, limit: Int, onEvent: (ModelEvent) -> Void) async throws -> Bool {
        var left = limit
        var isFirst = true
        for (index, part) in reply.content.enumerated() {
            if case .toolCall(let call) = part { onEvent(.toolCallStart(index, id: call.id, name: call.name)) }
            for chunk in part.chunks {
                guard left > 0 else { return false }
                if !isFirst { try await pause(reply.pace) }
                isFirst = false
                let piece = String(chunk.prefix(left))
                left -= piece.count
                switch part {
                case .thinking: onEvent(.thinkingDelta(index, piece))
                case .toolCall: onEvent(.toolCallDelta(index, piece))
                default: onEvent(.textDelta(index, piece))
                }
            }
            guard left > 0 else { return false }
            onEvent(.blockEnd(index))
        }
        return true
    }

    private func pause(_ duration: Duration?) async throws {
        try Task.checkCancellation()
        if let duration, duration > .zero { try await clock.sleep(for: duration) }
    }

    private func error(
        _ code: ModelError.Code,
        status: Int? = nil,
        message: String,
        retryAfter: Duration? = nil
    ) -> ModelError {
        ModelError(
            code: code,
            provider: .scripted,
            model: info.id,
            status: status,
            message: message,
            retryAfter: retryAfter
        )
    }
}

extension ScriptReply {
    /// The parts of the reply in order.
    var content: [Content] {
        var content: [Content] = []
        if let thinking { content.append(.thinking(ThinkingContent(text: thinking))) }
        if let text, !text.isEmpty { content.append(.text(text)) }
        return content + calls.map(Content.toolCall)
    }

    /// Characters to stream.
    var length: Int { content.flatMap(\.chunks).reduce(0) { $0 + $1.count } }
}

extension Content {
    /// What a part is streamed in: words of a text, sixteen bytes of arguments.
    fileprivate var chunks: [String] {
        switch self {
        case .text(let part): Self.words(part.text)
        case .thinking(let part): Self.words(part.text)
        case .toolCall(let call): Self.pieces(call.arguments.compactText, bytes: 16)
        case .image: []
        }
    }

    /// Each word with the white space behind it.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isBehindWord = false
        for character in text {
            if isBehindWord, !character.isWhitespace {
                words.append(word)
                word = ""
            }
            isBehindWord = character.isWhitespace
            word.append(character)
        }
        return word.isEmpty ? words : words + [word]
    }

    private static func pieces(_ text: String, bytes: Int) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            piece.append(character)
            guard piece.utf8.count >= bytes else { continue }
            pieces.append(piece)
            piece = ""
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
