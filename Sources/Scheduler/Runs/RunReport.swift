import Domain
import OrderedCollections

/// What a run said about itself: signals, usage and its own account of the end.
struct RunReport: Hashable {
    /// Longest return value that is kept, in bytes.
    static let returnValueLimit = 1 << 20

    /// Exit code of the `run-result` line, which is the last line of a run that ended by itself.
    var exitCode: Int?
    var wantsRerun = false
    var returnValue: String?
    var usage: TokenUsage?
    var summary: String?

    /// Continues with what was remembered of a run before.
    init(remembered outcome: RunOutcome? = nil) {
        wantsRerun = outcome?.wantsRerun ?? false
        returnValue = outcome?.returnValue
    }

    /// Takes in a log line.
    mutating func take(_ message: String, _ fields: OrderedDictionary<String, JSONValue>) {
        switch message {
        case "run-result":
            exitCode = fields["exitCode"]?.intValue
            if let usage = fields["usage"], usage.objectValue != nil { self.usage = TokenUsage(json: usage) }
        case "token-usage":
            usage = TokenUsage(json: .object(fields))
        case "signal-result":
            takeSignal(fields)
        case "assistant":
            summary = fields["text"]?.stringValue ?? summary
        default:
            break
        }
    }

    /// Sets the return value; returns whether it had to be cut.
    mutating func setReturnValue(_ value: String) -> Bool {
        guard value.utf8.count > Self.returnValueLimit else {
            returnValue = value
            return false
        }
        returnValue = String(decoding: value.utf8.prefix(Self.returnValueLimit), as: UTF8.self)
        return true
    }

    private mutating func takeSignal(_ fields: OrderedDictionary<String, JSONValue>) {
        switch fields["type"]?.stringValue {
        case "rerun":
            wantsRerun = true
        case "return":
            guard let value = fields["value"]?.stringValue else { return }
            // The line may carry a shortened value; what came through the gateway is whole.
            if let known = returnValue, known.hasPrefix(value) { return }
            _ = setReturnValue(value)
        default:
            break
        }
    }
}
