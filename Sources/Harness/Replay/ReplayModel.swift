import Domain
import LanguageModels
import Synchronization

/// A model that gives the replies of a recorded run again, in their order.
///
/// Failures that the harness only waited out are left out. Those that changed the conversation come again: a request that
/// was too long, and what was billed although it broke.
final class ReplayModel: LanguageModel {
    fileprivate enum Step {
        case reply(AssistantMessage)
        case failure(ModelError)
        case summary(AssistantMessage)
        /// Room was made without a summary.
        case dropped
        /// Another model of a chain was asked from then on.
        case model(ModelInfo)
    }

    fileprivate struct State {
        var info: ModelInfo
        var steps: ArraySlice<Step>
    }

    private let answers: RecordedAnswers
    private let state: Mutex<State>

    /// Follows a record; the answers to the calls of each reply become ready with it.
    init(_ run: RecordedRun, _ answers: RecordedAnswers) {
        self.answers = answers
        let info = run.model
        state = Mutex(State(info: info, steps: run.lines.flatMap { Self.steps($0, info) }[...]))
    }

    var info: ModelInfo { state.withLock { $0.info } }

    func reply(to request: ModelRequest, onEvent: @Sendable (ModelEvent) -> Void) async throws -> AssistantMessage {
        switch state.withLock({ $0.next(isCompaction: request.isCompaction) }) {
        case .reply(let reply):
            answers.beginReply()
            return reply
        case .summary(let reply): return reply
        case .failure(let error): throw error
        case .dropped, .model: throw failure(.badRequest, "the record has no summary here")
        case nil: throw failure(.script, "the record ends here")
        }
    }

    private func failure(_ code: ModelError.Code, _ message: String) -> ModelError {
        let info = info
        return ModelError(code: code, provider: info.provider, model: info.id, message: message)
    }

    private static func steps(_ line: JSONValue, _ info: ModelInfo) -> [Step] {
        [step(line, info), line["type"] == "model" ? model(line, info) : nil].compactMap { $0 }
    }

    /// `nil` for a line that says nothing of the new model.
    private static func model(_ line: JSONValue, _ info: ModelInfo) -> Step? {
        guard let window = line["contextWindow"]?.intValue, let output = line["maxTokens"]?.intValue else { return nil }
        var info = info
        info.contextWindow = window
        info.maxOutputTokens = output
        return .model(info)
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

extension ReplayModel.State {
    /// What answers the next request; changes of the model are gone through on the way.
    fileprivate mutating func next(isCompaction: Bool) -> ReplayModel.Step? {
        while let step = steps.first {
            switch step {
            case .model(let next): info = next
            case .dropped where !isCompaction: break
            case .reply where isCompaction: return nil
            case .reply, .summary, .dropped, .failure: return steps.removeFirst()
            }
            steps.removeFirst()
        }
        return nil
    }
}
