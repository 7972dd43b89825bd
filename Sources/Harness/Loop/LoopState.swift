import Domain
import LanguageModels

/// What to do after a reply: the rules of the loop, without the doing.
struct LoopState {
    enum Step: Hashable {
        case finish
        /// Add this user text and ask again.
        case say(String)
        /// Run the calls, of which the numbered ones were cut off.
        case runTools(cutOff: Set<Int>)
        case askAgain
        case fail(String)
    }

    private static let limit = 3
    private static let pauses = 5

    private var wasNudged = false
    private var cutOffs = 0
    private var pausesInRow = 0
    private var invalidBatches = 0

    /// Looks at a reply that has its place in the history; a full window was dealt with before.
    ///
    /// `answersTools`: it is the first one, or the first behind tool results.
    mutating func onReply(_ reply: AssistantMessage, answersTools: Bool) -> Step {
        if reply.stop != .length { cutOffs = 0 }
        if reply.stop != .pause { pausesInRow = 0 }
        switch reply.stop {
        case .contextFull: return .fail("The model's window is full.")
        case .refusal:
            let text = reply.text.isEmpty ? "no reason given" : reply.text
            return .fail("\(reply.provider.rawValue)/\(reply.model) refused to answer: \(text)")
        case .pause:
            pausesInRow += 1
            return pausesInRow <= Self.pauses
                ? .askAgain : .fail("The model paused more than \(Self.pauses) times in a row without an answer.")
        case .length: return onLength(reply)
        case .stop, .toolUse:
            if !reply.toolCalls.isEmpty { return .runTools(cutOff: Self.incomplete(reply)) }
            return onFinished(reply, answersTools: answersTools)
        }
    }

    /// Looks at how many calls of a reply were invalid, and says why the run fails if the model cannot use tools.
    mutating func onValidated(calls: Int, invalid: Int) -> String? {
        invalidBatches = calls > 0 && invalid == calls ? invalidBatches + 1 : 0
        guard invalidBatches >= Self.limit else { return nil }
        return "The model cannot use the tools: all calls of \(Self.limit) replies in a row were invalid. "
            + "Choose a model with tool support."
    }

    private mutating func onLength(_ reply: AssistantMessage) -> Step {
        cutOffs += 1
        guard cutOffs < Self.limit else {
            return .fail(
                "\(Self.limit) replies in a row were cut off by the output limit. Raise maxTokens of the model."
            )
        }
        guard reply.toolCalls.isEmpty else { return .runTools(cutOff: Self.cutOff(reply)) }
        return .say("Your reply was cut off by the output limit. Continue exactly where it broke off.")
    }

    private mutating func onFinished(_ reply: AssistantMessage, answersTools: Bool) -> Step {
        let isEmpty = reply.text.allSatisfy(\.isWhitespace)
        guard isEmpty, answersTools, !wasNudged else { return .finish }
        wasNudged = true
        return .say("Your reply was empty. Reply with a result, or continue the work by calling a tool.")
    }

    private static func incomplete(_ reply: AssistantMessage) -> Set<Int> {
        Set(reply.toolCalls.indices.filter { !reply.toolCalls[$0].isComplete })
    }

    /// Only a block that another one follows is known to have arrived whole.
    private static func cutOff(_ reply: AssistantMessage) -> Set<Int> {
        var cut = incomplete(reply)
        if case .toolCall = reply.content.last { cut.insert(reply.toolCalls.count - 1) }
        return cut
    }
}
