import Domain
import LanguageModels
import Synchronization

/// A tool that answers as it did in a recorded run.
struct RecordedTool: Tool {
    let definition: ToolDefinition
    let answers: RecordedAnswers
    /// Whose order of calls holds; `nil` for a tool that this program does not have.
    let original: (any Tool)?

    var acceptsUnknownArguments: Bool { original == nil }

    func access(_ arguments: JSONValue, in context: ToolContext) -> ToolAccess {
        original?.access(arguments, in: context) ?? .free
    }

    func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        answers.next(for: context.callID) ?? ToolOutput("The record has no answer to this call.", isError: true)
    }
}

/// The answers to the calls of a recorded run, reply by reply.
final class RecordedAnswers: Sendable {
    /// By call id, which only within one reply is sure to be unique.
    private typealias Answers = [String: ArraySlice<ToolOutput>]

    /// Of the reply that was given last, and of those to come.
    private let replies: Mutex<ArraySlice<Answers>>

    init(_ run: RecordedRun) {
        var replies: [Answers] = [[:]]
        for message in run.messages {
            switch message {
            case .assistant: replies.append([:])
            case .toolResult(let result):
                let output = ToolOutput(result.content, isError: result.isError)
                replies[replies.count - 1][result.callID, default: []].append(output)
            case .user: break
            }
        }
        self.replies = Mutex(replies[...])
    }

    /// The next reply is given: what was not asked for of the one before is forgotten.
    func beginReply() { replies.withLock { _ = $0.popFirst() } }

    /// Takes the next answer to a call of this id.
    func next(for id: String) -> ToolOutput? {
        replies.withLock { replies in
            guard let first = replies.indices.first else { return nil }
            return replies[first][id]?.popFirst()
        }
    }
}
