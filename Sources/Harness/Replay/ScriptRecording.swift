package import Domain
import LanguageModels
import OrderedCollections

/// Turns a recorded run into a script for the scripted model.
///
/// The script plays the recorded replies and expects of each tool result whether it was an error; a strict one expects the
/// whole result.
package struct ScriptRecording: Sendable {
    /// Values of the trigger's context that are longer than this describe one event rather than a kind of events.
    private static let longestContextValue = 200

    private let run: RecordedRun
    private let isStrict: Bool

    /// Names the run.
    package init(_ run: RecordedRun, isStrict: Bool) {
        self.run = run
        self.isStrict = isStrict
    }

    /// The script, in YAML.
    ///
    /// - Parameter trigger: of the run, read back from its prompt.
    /// - Returns: the text of a script file.
    package func text(trigger: Trigger) -> String {
        let instance = run.header["instanceId"]?.stringValue ?? "a run"
        var lines = ["# Recorded from \(instance)."]
        lines.append("model: \(model.yamlText)")
        let summary = run.lines.compactMap { $0["summary"]?.stringValue }.first { !$0.isEmpty }
        if let summary { lines.append("summary: \(JSONValue.string(summary.templateEscaped).yamlText)") }
        lines.append("conversations:")
        lines.append("  - when: \(when(trigger).yamlText)")
        lines.append("    turns:")
        for turn in turns {
            for (index, (key, value)) in turn.enumerated() {
                lines.append("\(index == 0 ? "      - " : "        ")\(key): \(value.yamlText)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var model: JSONValue {
        let info = run.model
        return .object([
            "contextWindow": .int(info.contextWindow), "maxTokens": .int(info.maxOutputTokens),
            "price": run.header["model"]?["price"],
        ])
    }

    private func when(_ trigger: Trigger) -> JSONValue {
        var context: JSONValue?
        var caller: JSONValue?
        switch trigger {
        case .webhook(let facts):
            // No other event has the time of this one, nor its number here.
            let kind = (facts.context.objectValue ?? [:]).filter { !["timestamp", "receiptId"].contains($0.key) }
            let short = kind.compactMapValues { value -> JSONValue? in
                guard let text = value.scalarText, text.count <= Self.longestContextValue else { return nil }
                return .string(text)
            }
            context = short.isEmpty ? nil : .object(short)
        case .call(let facts): caller = .string(facts.caller.agent.rawValue)
        case .schedule, .manual: break
        }
        return .object([
            "agent": run.header["agent"], "trigger": .string(trigger.kind.rawValue), "caller": caller,
            "context": context,
        ])
    }

    private var turns: [OrderedDictionary<String, JSONValue>] {
        var turns: [OrderedDictionary<String, JSONValue>] = []
        var results: [JSONValue] = []
        var overflows = 0
        for line in run.lines {
            if line["type"] == "retry", line["class"] == "overflow" { overflows += 1 }
            switch line["message"].flatMap(Message.init(json:)) {
            case .toolResult(let result): results.append(expectation(result))
            case .assistant(let reply):
                var turn = OrderedDictionary<String, JSONValue>()
                if !results.isEmpty { turn["expect"] = .array(results) }
                if overflows > 0 { turn["error"] = ["kind": "overflow", "times": .int(overflows)] }
                turns.append(turn.merging(played(reply)) { $1 })
                results = []
                overflows = 0
            case .user, nil: break
            }
        }
        return turns
    }

    private func expectation(_ result: ToolResultMessage) -> JSONValue {
        var check: JSONValue = ["error": .bool(result.isError)]
        if isStrict { check["equals"] = .string(ToolOutput(result.content).text) }
        return check
    }

    private func played(_ reply: AssistantMessage) -> OrderedDictionary<String, JSONValue> {
        var turn = OrderedDictionary<String, JSONValue>()
        let thinking = reply.content.compactMap { part in
            if case .thinking(let part) = part, !part.isRedacted { part.text } else { nil }
        }
        if !thinking.isEmpty { turn["thinking"] = .string(thinking.joined(separator: "\n").templateEscaped) }
        turn["text"] = .string(reply.text.templateEscaped)
        let calls = reply.toolCalls.map { call -> JSONValue in
            let arguments = call.arguments.objectValue == nil ? [:] : call.arguments
            return .object([call.name: arguments.mappingStrings(\.templateEscaped)])
        }
        if !calls.isEmpty { turn["calls"] = .array(calls) }
        let usage = reply.usage
        turn["usage"] = [
            "input": .int(usage.input), "output": .int(usage.output), "cacheRead": .int(usage.cacheRead),
            "cacheWrite": .int(usage.cacheWrite),
        ]
        if [.length, .refusal, .pause].contains(reply.stop) { turn["stop"] = .string(reply.stop.rawValue) }
        return turn
    }
}

extension String {
    /// The same text for a place where `{{` begins a template.
    fileprivate var templateEscaped: String { replacing("{{", with: "{{{{") }
}

extension JSONValue {
    /// The text of a value that is neither list nor object.
    fileprivate var scalarText: String? {
        switch self {
        case .string(let text): text
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// JSON is YAML, but for the characters that only YAML refuses or takes for line breaks or a byte order mark.
    fileprivate var yamlText: String { compactText.escapingJSON(where: Self.isSpecialToYAML) }

    private static func isSpecialToYAML(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}
