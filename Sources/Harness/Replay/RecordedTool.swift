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

/// The answers to the calls of a recorded run, by call id.
final class RecordedAnswers: Sendable {
    private let answers: Mutex<[String: ArraySlice<ToolOutput>]>

    init(_ run: RecordedRun) {
        var answers: [String: ArraySlice<ToolOutput>] = [:]
        for case .toolResult(let result) in run.messages {
            answers[result.callID, default: []].append(ToolOutput(result.content, isError: result.isError))
        }
        self.answers = Mutex(answers)
    }

    /// Takes the next answer to a call of this id.
    func next(for id: String) -> ToolOutput? { answers.withLock { $0[id]?.popFirst() } }
}
