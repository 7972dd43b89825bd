import Domain

/// What the run said since the last turn: the results of its calls, or at first the prompt.
struct ScriptHeard {
    /// All results, or the user's words where there are none.
    let whole: String
    /// The first thing the user said.
    let prompt: String
    private let results: [(text: String, isError: Bool)]

    init(_ messages: [Message], isFirst: Bool) {
        let users = messages.compactMap { if case .user(let message) = $0 { message.content.plainText } else { nil } }
        prompt = users.first ?? ""
        let start = messages.lastIndex { if case .assistant = $0 { true } else { false } }.map { $0 + 1 } ?? 0
        let recent = messages[start...]
        results = recent.compactMap { message in
            guard case .toolResult(let result) = message else { return nil }
            return (result.content.plainText, result.isError)
        }
        if isFirst {
            whole = prompt
        } else if results.isEmpty {
            whole = recent.compactMap { if case .user(let message) = $0 { message.content.plainText } else { nil } }
                .joined(separator: "\n")
        } else {
            whole = results.map(\.text).joined(separator: "\n")
        }
    }

    /// What was expected and did not come.
    func problem(with expectation: ScriptExpectation) -> String? {
        guard expectation.isPerCall else {
            return expectation.checks.first??.problem(with: whole, isError: results.contains(where: \.isError))
        }
        for (index, check) in expectation.checks.enumerated() {
            guard let check else { continue }
            guard results.indices.contains(index) else { return "a result of call \(index + 1)" }
            if let problem = check.problem(with: results[index].text, isError: results[index].isError) {
                return "\(problem) in result \(index + 1)"
            }
        }
        return nil
    }
}

extension ScriptCheck {
    /// What the text lacks.
    func problem(with text: String, isError: Bool) -> String? {
        if let wanted = contains.first(where: { !text.contains($0) }) { return "the text \(JSONValue.quoted(wanted))" }
        if let unwanted = lacks.first(where: { text.contains($0) }) { return "no text \(JSONValue.quoted(unwanted))" }
        if let pattern = matches.first(where: { Self.firstMatch(of: $0, in: text) == nil }) {
            return "a match of \(pattern)"
        }
        if let wanted = equals.first(where: { text != $0 }) { return "exactly \(JSONValue.quoted(wanted))" }
        if let wanted = self.isError, wanted != isError { return wanted ? "an error" : "no error" }
        return nil
    }

    /// The first group of the first match, else the whole match.
    static func firstMatch(of pattern: String, in text: String) -> String? {
        // Patterns were compiled once when the script was read; a failure cannot come now.
        guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar), let match = text.firstMatch(of: regex)
        else { return nil }
        let group = match.output.count > 1 ? match.output[1].substring : nil
        return String(group ?? text[match.range])
    }
}

extension [Content] {
    /// All texts joined.
    var plainText: String { texts.joined() }
}
