import Domain
import OrderedCollections

/// What a param of a preflight step must be.
private enum ParamKind {
    case text, textTable, count

    var expected: String {
        switch self {
        case .text: "text"
        case .textTable: "a table of texts"
        case .count: "a whole number ≥ 1"
        }
    }

    func accepts(_ value: JSONValue) -> Bool {
        switch self {
        case .text: value.stringValue.map { !$0.isEmpty } ?? false
        case .textTable: value.objectValue?.values.allSatisfy { $0.stringValue != nil } ?? false
        case .count: value.intValue.map { $0 >= 1 } ?? false
        }
    }
}

/// A param of a preflight step.
private struct ParamRule {
    let key: String
    let kind: ParamKind
    let isRequired: Bool

    static func required(_ key: String) -> ParamRule { .init(key: key, kind: .text, isRequired: true) }

    static func optional(_ key: String, _ kind: ParamKind = .text) -> ParamRule {
        .init(key: key, kind: kind, isRequired: false)
    }
}

private let paramRules: [String: [ParamRule]] = [
    "shell": [.required("command"), .optional("output")],
    "http": [
        .required("url"), .required("output"), .optional("method"), .optional("headers", .textTable), .optional("body"),
    ],
    "git-clone": [.required("repo"), .required("dest"), .optional("branch"), .optional("depth", .count)],
]

extension TableDecoder {
    /// Reads the `[[preflight]]` steps of an agent.
    func preflight() -> [PreflightStep] {
        tables("preflight").compactMap { $0.preflightStep() }
    }

    private func preflightStep() -> PreflightStep? {
        let provider = value("provider")
        let isRequired = value("required") ?? true
        let params = value("params")
        finish()
        if isRequired.boolValue == nil { invalid("required", expected: "true or false", found: isRequired) }
        guard let name = provider?.stringValue, let rules = paramRules[name] else {
            let legal = paramRules.keys.sorted().joined(separator: ", ")
            invalid("provider", expected: "one of \(legal)", found: provider)
            return nil
        }
        guard let members = params?.objectValue else {
            invalid("params", expected: "a table", found: params)
            return nil
        }
        let table = TableDecoder(members, path: full("params"), report: report)
        for rule in rules {
            let value = table.value(rule.key)
            if value == nil ? rule.isRequired : !rule.kind.accepts(value ?? .null) {
                table.invalid(rule.key, expected: rule.kind.expected, found: value)
            }
        }
        table.finish()
        return PreflightStep(
            provider: name,
            isRequired: isRequired.boolValue ?? true,
            params: .object(members)
        )
    }

    private func invalid(_ key: String, expected: String, found: JSONValue?) {
        let found = found.map { "found \(SecretValues.found($0, at: full(key)))" } ?? "it is missing"
        report.add(.preflightInvalid, at: full(key), "expected \(expected), \(found)")
    }
}
