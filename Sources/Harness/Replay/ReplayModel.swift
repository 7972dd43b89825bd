import Domain
import LanguageModels
import Synchronization

/// A model that gives the replies of a recorded run again, in their order.
///
/// Failures that the harness only waited out are left out. Those that changed the conversation come again: a request that
/// was too long, and what was billed although it broke.
final class ReplayModel: LanguageModel {
    private enum Step {
        case reply(AssistantMessage)
        case failure(ModelError)
        case summary(AssistantMessage)
        /// Room was made without a summary.
        case dropped
    }

    let info: ModelInfo
    private let answers: RecordedAnswers
    private let steps: Mutex<ArraySlice<Step>>

    /// Follows a record; the answers to the calls of each reply become ready with it.
    init(_ run: RecordedRun, _ answers: RecordedAnswers) {
        self.answers = answers
        let info = run.model
        self.info = info
        steps = Mutex(run.lines.compactMap { Self.step($0, info) }[...])
    }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        let step = steps.withLock { steps -> Step? in
            if request.isCompaction {
                switch steps.first {
                case .summary, .dropped, .failure: return steps.removeFirst()
                case .reply, nil: return nil
                }
            }
            while case .dropped? = steps.first { steps.removeFirst() }
            return steps.popFirst()
        }
        switch step {
        case .reply(let reply):
            answers.beginReply()
            return reply
        case .summary(let reply): return reply
        case .failure(let error): throw error
        case .dropped: throw failure(.badRequest, "the record has no summary here")
        case nil: throw failure(.script, "the record ends here")
        }
    }

    private func failure(_ code: ModelError.Code, _ message: String) -> ModelError {
        ModelError(code: code, provider: info.provider, model: info.id, message: message)
    }

    private static func step(_ line: JSONValue, _ info: ModelInfo) -> Step? {
        switch line["type"]?.stringValue {
        case "message":
            guard case .assistant(let reply) = line["message"].flatMap(Message.init(json:)) else { return nil }
            return .reply(reply)
        case "retry", "model":
            let code = (line["class"]?.stringValue).flatMap(ModelError.Code.init(rawValue:)) ?? .transient
            let usage = line["usage"].map { TokenUsage(json: $0) }
            guard code == .overflow || usage != nil else { return nil }
            return .failure(
                ModelError(
                    code: code,
                    provider: info.provider,
                    model: info.id,
                    message: (line["error"] ?? line["reason"])?.stringValue ?? "",
                    usage: usage
                )
            )
        case "compaction":
            guard let summary = line["summary"]?.stringValue, !summary.isEmpty else { return .dropped }
            return .summary(
                AssistantMessage(
                    content: [.text(summary)],
                    provider: info.provider,
                    model: info.id,
                    usage: TokenUsage(json: line["usage"] ?? [:]),
                    stop: .stop,
                    timestamp: 0
                )
            )
        default: return nil
        }
    }
}
