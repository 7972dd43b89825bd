import Credentials
import Domain
import Harness
import LanguageModels
import Synchronization

/// Says to the gateway what happens while the agent answers.
final class ChatReporter: Sendable {
    /// Bytes of a tool's result that are shown.
    private static let outputLimit = 8 << 10
    /// Bytes of one argument of a call that are shown, and of all together.
    private static let argumentLimit = 2 << 10
    private static let inputLimit = 32 << 10

    private let outbox: ChatOutbox
    private let redaction: Credentials.Redactor
    private let speech: Mutex<StreamedText>

    init(_ outbox: ChatOutbox, redaction: Credentials.Redactor) {
        self.outbox = outbox
        self.redaction = redaction
        speech = Mutex(StreamedText(redaction))
    }

    /// Something was heard between session and model.
    func report(_ event: TappedModel.Event) {
        switch event {
        case .asked(let messages):
            for case .toolResult(let result) in messages { report(result) }
        case .text(let piece): say(speech.withLock { $0.append(piece) })
        case .replied(let reply):
            endSpeech()
            for call in reply.toolCalls {
                outbox.add(.toolStart(id: call.id, tool: call.name, input: shown(call.arguments)))
            }
        }
    }

    /// The answer is over.
    func end(_ result: SessionResult?) {
        endSpeech()
        if let text = result.flatMap(Self.remark) { outbox.add(.error(redacted(text))) }
        outbox.add(.assistantMessage("", isDone: true))
    }

    private func endSpeech() {
        say(
            speech.withLock { speech in
                defer { speech = StreamedText(redaction) }
                return speech.finish()
            }
        )
    }

    private func say(_ text: String) {
        guard !text.isEmpty else { return }
        outbox.add(.assistantMessage(text, isDone: false))
    }

    private func report(_ result: ToolResultMessage) {
        let text = redacted(ToolOutput(result.content).text)
        let output = text.cut(toBytes: Self.outputLimit)
        let isCut = output.utf8.count < text.utf8.count
        outbox.add(
            .toolResult(
                id: result.callID,
                tool: result.toolName,
                output: isCut ? output + "\n[\(text.utf8.count - output.utf8.count) more bytes]" : output,
                isError: result.isError
            )
        )
    }

    /// The arguments of a call, without what would make a message too long.
    private func shown(_ arguments: JSONValue) -> JSONValue {
        let input = arguments.mappingStrings { text in
            let text = redacted(text)
            let cut = text.cut(toBytes: Self.argumentLimit)
            return cut.utf8.count < text.utf8.count ? cut + " …" : cut
        }
        guard input.objectValue != nil, input.compactText.utf8.count <= Self.inputLimit else { return [:] }
        return input
    }

    private func redacted(_ text: String) -> String { redaction.redact(text).text }

    /// What a person should know about an end that is not an answer.
    private static func remark(_ result: SessionResult) -> String? {
        switch result.outcome {
        case .finished, .stoppedBySignal: nil
        case .cancelled: "The answer was stopped."
        case .guardAborted: "Stopped: the same tool failed again and again."
        case .budgetSpent(let status): "Stopped: \(status.sentence)."
        case .rateLimited(let error): error.sentence
        case .modelFailed(let text, _): text
        }
    }
}
