import Domain
import OrderedCollections
import Yams

extension ScriptReader {
    /// The turns of a conversation, with jumps and variables checked.
    mutating func readTurns(_ node: Node, _ path: String) -> [ScriptTurn] {
        guard let nodes = list(node, path) else { return [] }
        guard !nodes.isEmpty else {
            report(line(node), path, "at least one turn")
            return []
        }
        var turns: [ScriptTurn] = []
        for (index, node) in nodes.enumerated() { turns.append(readTurn(node, "\(path)[\(index)]")) }
        checkLabels(turns, nodes: nodes, path)
        checkVariables(turns, path)
        return turns
    }

    private static let turnKeys = [
        "name", "next", "if", "expect", "save", "thinking", "text", "calls", "usage", "delay", "pace", "stop", "error",
    ]

    private mutating func readTurn(_ node: Node, _ path: String) -> ScriptTurn {
        var turn = ScriptTurn(line: line(node))
        guard let members = members(node, path, allowed: Self.turnKeys) else { return turn }
        turn.name = members["name"].flatMap { text($0, "\(path).name") }
        turn.next = members["next"].flatMap { text($0, "\(path).next") }
        turn.condition = members["if"].flatMap { readExpectation($0, "\(path).if") }
        turn.expectation = members["expect"].flatMap { readExpectation($0, "\(path).expect") }
        if let node = members["save"] { turn.saves = readSaves(node, "\(path).save") }
        turn.thinking = members["thinking"].flatMap { text($0, "\(path).thinking") }
        turn.text = members["text"].flatMap { text($0, "\(path).text") }
        if let node = members["calls"] {
            for (index, call) in (list(node, "\(path).calls") ?? []).enumerated() {
                if let call = readCall(call, "\(path).calls[\(index)]") { turn.calls.append(call) }
            }
        }
        if let node = members["usage"] { turn.usage = readUsage(node, "\(path).usage") }
        turn.delay = members["delay"].flatMap { duration($0, "\(path).delay") }
        turn.pace = members["pace"].flatMap { duration($0, "\(path).pace") }
        turn.stop = members["stop"].flatMap { readStop($0, "\(path).stop") }
        turn.failure = members["error"].flatMap { readFailure($0, "\(path).error") }
        if Set(members.keys).isDisjoint(with: ["text", "thinking", "calls", "stop", "error"]) {
            report(line(node), path, "something to say: text, thinking, calls, stop or error")
        }
        return turn
    }

    private mutating func readCall(_ node: Node, _ path: String) -> ScriptCall? {
        guard case .mapping(let mapping) = node, mapping.count == 1,
            let (key, value) = mapping.first(where: { _ in true }),
            let tool = key.scalar?.string, !tool.isEmpty
        else {
            report(line(node), path, "a mapping of one tool to its arguments")
            return nil
        }
        let arguments: JSONValue
        switch value {
        case .scalar(let scalar):
            arguments = scalarValue(scalar) == .null ? [:] : .string(scalar.string)
        case .mapping: arguments = json(value, "\(path).\(tool)")
        default:
            report(line(value), "\(path).\(tool)", "a mapping of arguments or a text")
            return nil
        }
        return ScriptCall(line: line(node), tool: tool, arguments: arguments)
    }

    private mutating func readSaves(_ node: Node, _ path: String) -> [ScriptSave] {
        var saves: [ScriptSave] = []
        for (name, value) in members(node, path, allowed: nil) ?? [:] {
            guard let pattern = pattern(value, "\(path).\(name)") else { continue }
            saves.append(ScriptSave(line: line(value), name: name, pattern: pattern))
        }
        return saves
    }

    private mutating func readUsage(_ node: Node, _ path: String) -> ScriptUsage {
        var usage = ScriptUsage()
        let keys = ["input", "output", "cacheRead", "cacheWrite"]
        guard let members = members(node, path, allowed: keys) else { return usage }
        usage.input = members["input"].flatMap { whole($0, "\(path).input", from: 0) }
        usage.output = members["output"].flatMap { whole($0, "\(path).output", from: 0) }
        usage.cacheRead = members["cacheRead"].flatMap { whole($0, "\(path).cacheRead", from: 0) }
        usage.cacheWrite = members["cacheWrite"].flatMap { whole($0, "\(path).cacheWrite", from: 0) }
        return usage
    }

    private mutating func readStop(_ node: Node, _ path: String) -> StopReason? {
        let allowed: [StopReason] = [.length, .refusal, .pause, .contextFull]
        guard case .scalar(let scalar) = node, let stop = StopReason(rawValue: scalar.string), allowed.contains(stop)
        else {
            report(line(node), path, "one of \(allowed.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return stop
    }

    private mutating func readFailure(_ node: Node, _ path: String) -> ScriptFailure? {
        guard case .mapping = node else { return readKind(node, path).map { ScriptFailure(kind: $0) } }
        let keys = ["kind", "status", "message", "retryAfter", "after", "times"]
        guard let members = members(node, path, allowed: keys) else { return nil }
        guard let kindNode = members["kind"] else {
            report(line(node), path, "a kind of error")
            return nil
        }
        let kind = readKind(kindNode, "\(path).kind")
        var failure = ScriptFailure(kind: kind ?? .transient)
        failure.status = members["status"].flatMap { whole($0, "\(path).status", from: 400) }
        failure.message = members["message"].flatMap { text($0, "\(path).message") }
        failure.retryAfter = members["retryAfter"].flatMap { duration($0, "\(path).retryAfter") }
        failure.after = members["after"].flatMap { whole($0, "\(path).after", from: 0) }
        if let node = members["times"] {
            failure.times = node.scalar?.string == "always" ? nil : whole(node, "\(path).times", from: 1)
        }
        return kind == nil ? nil : failure
    }

    private mutating func readKind(_ node: Node, _ path: String) -> ScriptFailure.Kind? {
        guard case .scalar(let scalar) = node, let kind = ScriptFailure.Kind(rawValue: scalar.string) else {
            let names = ScriptFailure.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            report(line(node), path, "one of \(names)")
            return nil
        }
        return kind
    }

    private mutating func readExpectation(_ node: Node, _ path: String) -> ScriptExpectation? {
        guard case .sequence(let nodes) = node else {
            guard let check = readCheck(node, path) else { return nil }
            return ScriptExpectation(line: line(node), checks: [check], isPerCall: false)
        }
        var checks: [ScriptCheck?] = []
        for (index, element) in nodes.enumerated() {
            let isNone = element.scalar.map { scalarValue($0) == .null } ?? false
            checks.append(isNone ? nil : readCheck(element, "\(path)[\(index)]"))
        }
        return ScriptExpectation(line: line(node), checks: checks, isPerCall: true)
    }

    private mutating func readCheck(_ node: Node, _ path: String) -> ScriptCheck? {
        guard case .mapping = node else { return text(node, path).map { ScriptCheck(contains: [$0]) } }
        let keys = ["contains", "lacks", "matches", "equals", "error"]
        guard let members = members(node, path, allowed: keys) else { return nil }
        var check = ScriptCheck()
        check.contains = members["contains"].flatMap { texts($0, "\(path).contains") } ?? []
        check.lacks = members["lacks"].flatMap { texts($0, "\(path).lacks") } ?? []
        check.equals = members["equals"].flatMap { texts($0, "\(path).equals") } ?? []
        check.isError = members["error"].flatMap { flag($0, "\(path).error") }
        if let node = members["matches"] {
            let nodes = node.sequence.map { Array($0) } ?? [node]
            check.matches = nodes.compactMap { pattern($0, "\(path).matches") }
        }
        if members.isEmpty { report(line(node), path, "one of \(keys.joined(separator: ", "))") }
        return check
    }

    private mutating func checkLabels(_ turns: [ScriptTurn], nodes: [Node], _ path: String) {
        var labels: Set<String> = []
        for (index, turn) in turns.enumerated() {
            guard let name = turn.name else { continue }
            if name == "end" || !labels.insert(name).inserted {
                report(keyLine("name", nodes[index]), "\(path)[\(index)].name", "a name of its own, not \(name)")
            }
        }
        for (index, turn) in turns.enumerated() {
            guard let next = turn.next, next != "end", !labels.contains(next) else { continue }
            report(keyLine("next", nodes[index]), "\(path)[\(index)].next", "end or the name of a turn, found \(next)")
        }
    }

    private func keyLine(_ key: String, _ node: Node) -> Int {
        node.mapping?.first { $0.key.scalar?.string == key }.map { line($0.value) } ?? line(node)
    }

    private mutating func checkVariables(_ turns: [ScriptTurn], _ path: String) {
        let saved = Set(turns.flatMap(\.saves).map(\.name))
        for (index, turn) in turns.enumerated() {
            let place = "\(path)[\(index)]"
            check(turn.text, saved: saved, line: turn.line, "\(place).text")
            check(turn.thinking, saved: saved, line: turn.line, "\(place).thinking")
            for (number, call) in turn.calls.enumerated() {
                call.arguments.forEachText { text in
                    check(text, saved: saved, line: call.line, "\(place).calls[\(number)]")
                }
            }
        }
    }

    private mutating func check(_ text: String?, saved: Set<String>, line: Int, _ path: String) {
        guard let text else { return }
        if let problem = ScriptTemplate.problem(in: text, saved: saved) { report(line, path, problem) }
    }
}

extension JSONValue {
    /// Every text inside, keys excepted.
    func forEachText(_ body: (String) -> Void) {
        switch self {
        case .string(let text): body(text)
        case .array(let values): for value in values { value.forEachText(body) }
        case .object(let members): for value in members.values { value.forEachText(body) }
        default: break
        }
    }

    /// The value as people write it: a text without quotes, nothing for null.
    var plainText: String {
        switch self {
        case .null: ""
        case .string(let text): text
        default: compactText
        }
    }
}
