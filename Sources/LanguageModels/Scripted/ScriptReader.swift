import Domain
import OrderedCollections
import Yams

/// Reads a script's YAML and gathers everything that is wrong with it.
struct ScriptReader {
    let file: String
    var problems: [ScriptProblem] = []
    /// Values taken from the tree so far; aliases can make a small file a huge tree.
    var visited = 0

    init(file: String) {
        self.file = file
    }

    /// The script, if nothing is wrong with it.
    mutating func read(_ text: String) throws(ScriptError) -> Script {
        var script = Script(file: file, conversations: [])
        if let root = compose(text) { readRoot(root, into: &script) }
        guard problems.isEmpty else {
            // A jump is checked after its turn was read: put the lines in order.
            let sorted = problems.enumerated().sorted {
                ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset)
            }
            throw ScriptError(code: .invalid, problems: sorted.map(\.element))
        }
        return script
    }

    private mutating func compose(_ text: String) -> Node? {
        do {
            if let node = try Yams.compose(yaml: text) { return node }
            report(1, "", "a mapping with turns or conversations, found nothing")
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                report(mark.line, "", "valid YAML: \(problem)")
            case .duplicatedKeysInMapping(let duplicates, let context):
                report(context.mark.line, "", "each key once, found \(duplicates.joined(separator: ", ")) again")
            default: report(1, "", "valid YAML: \(error)")
            }
        } catch {
            report(1, "", "valid YAML: \(error)")
        }
        return nil
    }

    private mutating func readRoot(_ root: Node, into script: inout Script) {
        let keys = ["model", "conversations", "turns", "summary"]
        guard let members = members(root, "", allowed: keys) else { return }
        if let node = members["model"] { readModel(node, into: &script) }
        script.summary = members["summary"].flatMap { text($0, "summary") }
        switch (members["turns"], members["conversations"]) {
        case (let turns?, nil):
            script.conversations = [ScriptConversation(turns: readTurns(turns, "turns"))]
        case (nil, let list?):
            for (index, node) in (self.list(list, "conversations") ?? []).enumerated() {
                script.conversations.append(readConversation(node, "conversations[\(index)]"))
            }
            if script.conversations.isEmpty { report(line(list), "conversations", "at least one conversation") }
        case (let turns?, _?):
            report(line(turns), "turns", "either turns or conversations, not both")
        case (nil, nil):
            report(line(root), "", "turns or conversations")
        }
    }

    private mutating func readModel(_ node: Node, into script: inout Script) {
        guard let members = members(node, "model", allowed: ["contextWindow", "maxTokens", "price"]) else { return }
        script.contextWindow = members["contextWindow"].flatMap { whole($0, "model.contextWindow", from: 1) }
        script.maxTokens = members["maxTokens"].flatMap { whole($0, "model.maxTokens", from: 1) }
        guard let price = members["price"] else { return }
        let keys = ["input", "output", "cacheRead", "cacheWrite"]
        guard let prices = self.members(price, "model.price", allowed: keys) else { return }
        var values: [String: Double] = [:]
        for (key, node) in prices { values[key] = number(node, "model.price.\(key)") }
        script.price = ModelPrice(
            input: values["input"] ?? 0,
            output: values["output"] ?? 0,
            cacheRead: values["cacheRead"] ?? 0,
            cacheWrite: values["cacheWrite"] ?? 0
        )
    }

    private mutating func readConversation(_ node: Node, _ path: String) -> ScriptConversation {
        var conversation = ScriptConversation()
        guard let members = members(node, path, allowed: ["when", "turns"]) else { return conversation }
        if let when = members["when"] { conversation.when = readWhen(when, "\(path).when") }
        if let turns = members["turns"] {
            conversation.turns = readTurns(turns, "\(path).turns")
        } else {
            report(line(node), path, "a list of turns")
        }
        return conversation
    }

    private mutating func readWhen(_ node: Node, _ path: String) -> ScriptWhen {
        var when = ScriptWhen()
        let keys = ["agent", "trigger", "caller", "context", "prompt"]
        guard let members = members(node, path, allowed: keys) else { return when }
        when.agent = members["agent"].flatMap { texts($0, "\(path).agent") }
        when.caller = members["caller"].flatMap { texts($0, "\(path).caller") }
        when.prompt = members["prompt"].flatMap { texts($0, "\(path).prompt") }
        when.trigger = members["trigger"].flatMap { texts($0, "\(path).trigger") }
        let kinds = TriggerKind.allCases.map(\.rawValue)
        if let node = members["trigger"],
            let wrong = when.trigger?.first(where: { !$0.contains("*") && !kinds.contains($0) })
        {
            report(line(node), "\(path).trigger", "one of \(kinds.joined(separator: ", ")), found \(wrong)")
        }
        if let context = members["context"], let entries = self.members(context, "\(path).context", allowed: nil) {
            for (key, value) in entries { when.context[key] = texts(value, "\(path).context.\(key)") }
        }
        return when
    }
}

// MARK: - Values

extension ScriptReader {
    /// Notes a mistake.
    mutating func report(_ line: Int, _ path: String, _ expectation: String) {
        problems.append(ScriptProblem(file: file, line: line, path: path, expectation: expectation))
    }

    /// Where a value stands.
    func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

    /// The members of a mapping; keys outside the list are reported.
    mutating func members(_ node: Node, _ path: String, allowed: [String]?) -> OrderedDictionary<String, Node>? {
        guard case .mapping(let mapping) = node else {
            report(line(node), path, "a mapping")
            return nil
        }
        var members = OrderedDictionary<String, Node>()
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                report(line(key), path, "a text as key")
                continue
            }
            if let allowed, !allowed.contains(scalar.string) {
                let inside = path.isEmpty ? "" : "\(path)."
                report(line(key), "\(inside)\(scalar.string)", "no such key; one of \(allowed.joined(separator: ", "))")
                continue
            }
            members[scalar.string] = value
        }
        return members
    }

    /// The elements of a list.
    mutating func list(_ node: Node, _ path: String) -> [Node]? {
        guard case .sequence(let sequence) = node else {
            report(line(node), path, "a list")
            return nil
        }
        return Array(sequence)
    }

    /// A text; numbers and booleans count as they are written.
    mutating func text(_ node: Node, _ path: String) -> String? {
        guard case .scalar(let scalar) = node, scalarValue(scalar) != .null else {
            report(line(node), path, "a text")
            return nil
        }
        return scalar.string
    }

    /// A text or a list of texts.
    mutating func texts(_ node: Node, _ path: String) -> [String]? {
        guard case .sequence(let sequence) = node else { return text(node, path).map { [$0] } }
        var result: [String] = []
        for (index, element) in sequence.enumerated() {
            if let text = text(element, "\(path)[\(index)]") { result.append(text) }
        }
        return result
    }

    /// A whole number that can be added up.
    mutating func whole(_ node: Node, _ path: String, from least: Int) -> Int? {
        guard case .scalar(let scalar) = node, let value = scalarValue(scalar).intValue,
            (least...TokenUsage.largestCount).contains(value)
        else {
            report(line(node), path, "a whole number from \(least)")
            return nil
        }
        return value
    }

    /// A number that is not negative.
    mutating func number(_ node: Node, _ path: String) -> Double? {
        guard case .scalar(let scalar) = node, let value = scalarValue(scalar).doubleValue, value >= 0 else {
            report(line(node), path, "a number from 0")
            return nil
        }
        return value
    }

    /// True or false.
    mutating func flag(_ node: Node, _ path: String) -> Bool? {
        guard case .scalar(let scalar) = node, let value = scalarValue(scalar).boolValue else {
            report(line(node), path, "true or false")
            return nil
        }
        return value
    }

    /// `200ms`, `2s`, or a number of seconds.
    mutating func duration(_ node: Node, _ path: String) -> Duration? {
        if case .scalar(let scalar) = node {
            let isMilliseconds = scalar.string.hasSuffix("ms")
            let digits = scalar.string.dropLast(isMilliseconds ? 2 : scalar.string.hasSuffix("s") ? 1 : 0)
            if let value = Double(digits), value >= 0, value <= 86400 * 1000 {
                return .microseconds(Int((value * (isMilliseconds ? 1000 : 1_000_000)).rounded()))
            }
        }
        report(line(node), path, "a time such as 200ms, 2s or a number of seconds")
        return nil
    }

    /// A regular expression.
    mutating func pattern(_ node: Node, _ path: String) -> String? {
        guard let pattern = text(node, path) else { return nil }
        do {
            _ = try Regex(pattern)
            return pattern
        } catch {
            report(line(node), path, "a regular expression: \(error)")
            return nil
        }
    }

    /// Any value as JSON.
    mutating func json(_ node: Node, _ path: String) -> JSONValue {
        visited += 1
        guard visited <= 100_000 else {
            if visited == 100_001 { report(line(node), path, "fewer values: aliases blow this script up") }
            return .null
        }
        switch node {
        case .scalar(let scalar): return scalarValue(scalar)
        case .sequence(let sequence):
            var values: [JSONValue] = []
            for (index, element) in sequence.enumerated() { values.append(json(element, "\(path)[\(index)]")) }
            return .array(values)
        case .mapping:
            var object = OrderedDictionary<String, JSONValue>()
            for (key, value) in members(node, path, allowed: nil) ?? [:] { object[key] = json(value, "\(path).\(key)") }
            return .object(object)
        case .alias:
            report(line(node), path, "an alias of a known anchor")
            return .null
        }
    }

    /// The core schema of YAML 1.2: only unquoted scalars are anything but texts.
    func scalarValue(_ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return numberValue(scalar.string) ?? .string(scalar.string)
        }
    }

    private func numberValue(_ text: String) -> JSONValue? {
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16).map { .int($0) } }
        if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8).map { .int($0) } }
        guard text.first.map({ $0.isNumber || "+-.".contains($0) }) == true else { return nil }
        if let whole = Int(text) { return .int(whole) }
        // Double accepts names and hexadecimal forms that YAML does not.
        guard text.allSatisfy({ $0.isNumber || "+-.eE".contains($0) }), let value = Double(text) else { return nil }
        return .double(value)
    }
}
