import Domain
import OrderedCollections

/// What a run said about itself: signals, usage and its own account of the end.
struct RunReport: Hashable {
    /// Longest return value that is kept, in bytes.
    static let returnValueLimit = 1 << 20

    /// Exit code of the `run-result` line, which is the last line of a run that ended by itself.
    var exitCode: Int?
    var returnValue: String?
    var isReturnValueCut = false
    /// Its own sum; while there is none, the sum of the replies it told.
    var usage: TokenUsage? { total ?? replies }
    var summary: String?
    /// The last thing it said was wrong with itself.
    var error: String?
    private var total: TokenUsage?
    private var replies: TokenUsage?

    /// Continues with what was remembered of a run before.
    init(remembered outcome: RunOutcome? = nil) {
        returnValue = outcome?.returnValue
        isReturnValueCut = outcome?.isReturnValueCut ?? false
    }

    /// Takes in a log line.
    mutating func take(_ message: String, _ fields: OrderedDictionary<String, JSONValue>) {
        switch message {
        case "run-result":
            exitCode = fields["exitCode"]?.intValue
            if let usage = fields["usage"], usage.objectValue != nil { total = TokenUsage(json: usage) }
        case "token-usage":
            total = TokenUsage(json: .object(fields))
        case "turn-usage":
            // A run that is killed tells no sum.
            replies = (replies ?? TokenUsage()) + TokenUsage(json: .object(fields))
        case "signal-result":
            takeSignal(fields)
        case "assistant":
            summary = fields["text"]?.stringValue ?? summary
        case "session error", "container entry error":
            error = fields["error"]?.stringValue ?? error
        default:
            break
        }
    }

    /// Sets the return value, trimmed at both ends; returns whether it had to be cut, here or (`isBeginning`) before.
    mutating func setReturnValue(_ value: String, isBeginning: Bool) -> Bool {
        let value = value.withoutOuterSpace
        let isLong = value.utf8.count > Self.returnValueLimit
        returnValue = isLong ? value.cut(toBytes: Self.returnValueLimit) : value
        isReturnValueCut = isLong || isBeginning
        return isReturnValueCut
    }

    private mutating func takeSignal(_ fields: OrderedDictionary<String, JSONValue>) {
        switch fields["type"]?.stringValue {
        case "return":
            guard let value = fields["value"]?.stringValue else { return }
            let isBeginning = fields["truncated"] == true
            // What came through the gateway is whole.
            if isBeginning, let known = returnValue, known.hasPrefix(value) { return }
            _ = setReturnValue(value, isBeginning: isBeginning)
        default:
            break
        }
    }
}
