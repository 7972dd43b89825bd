import Domain

/// What of a context a filter looks at, and when it lets a delivery pass.
package struct FilterSubject: Sendable {
    /// When the values fit what was found.
    enum Rule: Sendable {
        /// The value is in the list; without a value the delivery passes, or not.
        case oneOf(isCaseBlind: Bool = false, passesWithout: Bool = false)
        /// Every listed value is among those found.
        case allAmong
        /// At least one listed value is among those found.
        case anyAmong
    }

    /// The name in verdicts.
    package let name: String
    let rule: Rule
    let read: @Sendable (JSONValue) -> JSONValue?

    init(_ name: String, _ rule: Rule = .oneOf(), read: @escaping @Sendable (JSONValue) -> JSONValue?) {
        self.name = name
        self.rule = rule
        self.read = read
    }

    /// Whether a delivery passes.
    func passes(_ values: [String], found: JSONValue?) -> Bool {
        switch rule {
        case .oneOf(let isCaseBlind, let passesWithout):
            guard let found else { return passesWithout }
            guard let text = found.stringValue else { return false }
            return isCaseBlind ? values.contains { equalIgnoringASCIICase($0, text) } : values.contains(text)
        case .allAmong: return texts(found).isSuperset(of: values)
        case .anyAmong: return !texts(found).isDisjoint(with: values)
        }
    }

    private func texts(_ found: JSONValue?) -> Set<String> {
        Set((found?.arrayValue ?? []).compactMap(\.stringValue))
    }

    private func equalIgnoringASCIICase(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8) { lower($0) == lower($1) }
    }

    private func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension FilterSubject {
    static let event = FilterSubject("event") { $0["event"] }
    static let resource = FilterSubject("resource") { $0["event"] }
    static let action = FilterSubject("action") { $0["action"]?.nonNull }
    static let label = FilterSubject("label", .allAmong) { $0["labels"] }
    static let anyLabel = FilterSubject("labelsAny", .anyAmong) { $0["labels"] }
    /// Issues have no branch and still arrive when branches are filtered.
    static let branch = FilterSubject("branch", .oneOf(passesWithout: true)) { $0["branch"]?.nonNull }
    /// A workflow that has not ended has no conclusion and must not pass, or the filter would fire at its start as well.
    static let conclusion = FilterSubject("conclusion", .oneOf(passesWithout: true)) { context in
        context["conclusion"]?.nonNull ?? (context["event"] == "workflow_run" ? JSONValue.null : .none)
    }

    /// The context's `repo`, under the name that the provider has for it.
    static func repo(_ name: String = "repo", isCaseBlind: Bool = false) -> FilterSubject {
        FilterSubject(name, .oneOf(isCaseBlind: isCaseBlind)) { $0["repo"] }
    }

    /// The part of `repo` before the slash.
    static func organisation(isCaseBlind: Bool) -> FilterSubject {
        FilterSubject("org", .oneOf(isCaseBlind: isCaseBlind)) { context in
            context["repo"]?.stringValue.map { .string(String($0.prefix { $0 != "/" })) }
        }
    }

    /// `author` or `assignee`.
    static func person(_ key: String, isCaseBlind: Bool = false) -> FilterSubject {
        FilterSubject(key, .oneOf(isCaseBlind: isCaseBlind)) { $0[key]?.nonNull }
    }
}
