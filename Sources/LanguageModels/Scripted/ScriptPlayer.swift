import Domain
import OrderedCollections

/// Where a script stands.
///
/// A value: the model keeps it behind a lock.
struct ScriptPlayer {
    /// What to do about a request.
    enum Step {
        case reply(ScriptReply)
        /// Fails, for some kinds after a part of the reply.
        case fail(ScriptFailure, ScriptReply)
    }

    let script: Script
    let facts: ScriptFacts
    private var conversation: ScriptConversation?
    private var position = 0
    private var played = 0
    private var failures = 0
    /// The checks of the turn at `position` are done; a repeated request does not do them again.
    private var isAdmitted = false
    private var hasSaidFinished = false
    private var variables: [String: String] = [:]

    init(script: Script, facts: ScriptFacts) {
        self.script = script
        self.facts = facts
    }

    /// Moves on by one request.
    ///
    /// - Throws: ``ScriptMismatch`` when the run does not go as the script says.
    mutating func next(_ request: ModelRequest) throws(ScriptMismatch) -> Step {
        let heard = ScriptHeard(request.messages, isFirst: played == 0)
        let conversation = try choose(prompt: heard.prompt)
        while position < conversation.turns.count {
            let turn = conversation.turns[position]
            if !isAdmitted {
                if let condition = turn.condition, heard.problem(with: condition) != nil {
                    position += 1
                    continue
                }
                try admit(turn, heard: heard)
                isAdmitted = true
            }
            let reply = reply(of: turn, request: request, result: heard.whole)
            if let failure = turn.failure, failures < failure.times ?? .max {
                failures += 1
                return .fail(failure, reply)
            }
            moveOn(from: turn, in: conversation)
            return .reply(reply)
        }
        guard !hasSaidFinished else {
            throw ScriptMismatch(message: "\(script.file): the script is finished, but the run goes on")
        }
        hasSaidFinished = true
        return .reply(ScriptReply(text: "Script finished.", stop: .stop))
    }

    private mutating func moveOn(from turn: ScriptTurn, in conversation: ScriptConversation) {
        played += 1
        failures = 0
        isAdmitted = false
        switch turn.next {
        case nil: position += 1
        case "end": position = conversation.turns.count
        case let label?:
            position = conversation.turns.firstIndex { $0.name == label } ?? conversation.turns.count
        }
    }

    private mutating func choose(prompt: String) throws(ScriptMismatch) -> ScriptConversation {
        if let conversation { return conversation }
        guard let found = script.conversations.first(where: { $0.when.fits(facts, prompt: prompt) }) else {
            throw ScriptMismatch(
                message:
                    "\(script.file): no conversation fits the agent \(facts.agent), trigger \(facts.trigger.wireLabel)"
            )
        }
        conversation = found
        return found
    }

    private mutating func admit(_ turn: ScriptTurn, heard: ScriptHeard) throws(ScriptMismatch) {
        if let expectation = turn.expectation, let problem = heard.problem(with: expectation) {
            throw mismatch(line: expectation.line, problem, came: heard.whole)
        }
        for save in turn.saves {
            guard let value = ScriptCheck.firstMatch(of: save.pattern, in: heard.whole) else {
                throw mismatch(line: save.line, "a match of \(save.pattern) for \(save.name)", came: heard.whole)
            }
            variables[save.name] = value
        }
    }

    private func mismatch(line: Int, _ expected: String, came: String) -> ScriptMismatch {
        ScriptMismatch(message: "\(script.file):\(line): expected \(expected); got: \(came.prefix(300))")
    }

    private func reply(of turn: ScriptTurn, request: ModelRequest, result: String) -> ScriptReply {
        let render = { (text: String) in
            ScriptTemplate.render(text) { value(of: $0, result: result) }
        }
        let calls = turn.calls.enumerated().map { index, call in
            ToolCall(
                id: "call_\(played + 1)_\(index + 1)",
                name: call.tool,
                arguments: arguments(of: call, tools: request.tools).mappingStrings(render)
            )
        }
        return ScriptReply(
            thinking: turn.thinking.map(render),
            text: turn.text.map(render),
            calls: calls,
            usage: turn.usage,
            delay: turn.delay,
            pace: turn.pace,
            stop: turn.stop ?? (calls.isEmpty ? .stop : .toolUse)
        )
    }

    private func arguments(of call: ScriptCall, tools: [ToolDefinition]) -> JSONValue {
        guard case .string(let text) = call.arguments else { return call.arguments }
        let schema = tools.first { $0.name == call.tool }?.schema
        let parameter = schema?["required"]?[0]?.stringValue ?? schema?["properties"]?.objectValue?.keys.first
        return [(parameter ?? "input"): .string(text)] as JSONValue
    }

    private func value(of name: String, result: String) -> String {
        if let value = variables[name] { return value }
        switch name {
        case "agent": return facts.agent
        case "trigger": return facts.trigger.kind.rawValue
        case "date": return facts.date
        case "result": return result
        default: break
        }
        let parts = name.split(separator: ".").map(String.init)
        let root = parts.first == "params" ? facts.params : facts.trigger.scriptContext
        let value = parts.dropFirst().reduce(Optional(root)) { value, key in value?[key] }
        return value?.plainText ?? ""
    }
}

/// A reply to stream.
struct ScriptReply {
    var thinking: String?
    var text: String?
    var calls: [ToolCall] = []
    var usage = ScriptUsage()
    var delay: Duration?
    var pace: Duration?
    var stop: StopReason
}

/// The run does not go as the script says.
struct ScriptMismatch: Error {
    let message: String
}

extension Trigger {
    /// What scripts see as the trigger's context.
    var scriptContext: JSONValue { if case .webhook(let facts) = self { facts.context } else { [:] } }
}

extension ScriptWhen {
    /// Whether a run is of the kind described.
    func fits(_ facts: ScriptFacts, prompt: String) -> Bool {
        var caller: String?
        if case .call(let call) = facts.trigger { caller = call.caller.agent.rawValue }
        guard Self.fits(agent, facts.agent), Self.fits(trigger, facts.trigger.kind.rawValue),
            Self.fits(self.caller, caller)
        else { return false }
        if let wanted = self.prompt, !wanted.contains(where: { prompt.matches(glob: "*\($0)*") }) { return false }
        return context.allSatisfy { key, wanted in
            guard let value = facts.trigger.scriptContext[key] else { return false }
            let values = value.arrayValue ?? [value]
            return values.contains { Self.fits(wanted, $0.plainText) }
        }
    }

    private static func fits(_ wanted: [String]?, _ value: String?) -> Bool {
        guard let wanted else { return true }
        guard let value else { return false }
        return wanted.contains { value.matches(glob: $0) }
    }
}

extension String {
    /// Whether the whole text fits a pattern in which `*` stands for anything.
    func matches(glob: String) -> Bool {
        let text = Array(unicodeScalars)
        let pattern = Array(glob.unicodeScalars)
        var (position, place) = (0, 0)
        var star: (position: Int, place: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (position, place)
                place += 1
            } else if place < pattern.count, pattern[place] == text[position] {
                position += 1
                place += 1
            } else if let last = star {
                star = (last.position + 1, last.place)
                position = last.position + 1
                place = last.place + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
