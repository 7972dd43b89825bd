package import Domain

/// Judges a delivery against the filters of a trigger.
///
/// Filters are joined by AND, the values of one by OR (except `labels`: all of them). An absent or empty filter lets
/// everything pass. The first filter that says no, in a fixed order, is named.
///
/// - Parameters:
///   - trigger: an agent's `[[webhooks]]` entry; its `source` is not looked at.
///   - type: provider type of the delivery.
///   - context: what the provider made of the payload.
/// - Returns: the verdict.
package func matches(_ trigger: WebhookTriggerConfig, type: String, context: JSONValue) -> FilterVerdict {
    let delivery = FilteredDelivery(type: type, context: context)
    let union: (String, String) -> [String] = { (trigger.filters[$0] ?? []) + (trigger.filters[$1] ?? []) }
    let filters: [(name: String, values: [String])] = [
        ("events", trigger.filters["events"] ?? []),
        ("resources", trigger.filters["resources"] ?? []),
        ("actions", trigger.filters["actions"] ?? []),
        ("repos", union("repos", "projects")),
        ("org", union("org", "orgs")),
        ("organizations", trigger.filters["organizations"] ?? []),
        ("labels", trigger.filters["labels"] ?? []),
        ("labelsAny", trigger.filters["labelsAny"] ?? []),
        ("assignee", trigger.filters["assignee"] ?? []),
        ("author", trigger.filters["author"] ?? []),
        ("branches", trigger.filters["branches"] ?? []),
        ("conclusions", trigger.filters["conclusions"] ?? []),
    ]
    for (name, values) in filters where !values.isEmpty {
        let found = delivery.value(for: name)
        if !delivery.passes(name, values: values, found: found) {
            return .refused(filter: name, expected: values, found: found)
        }
    }
    return .matched
}

private struct FilteredDelivery {
    let type: String
    let context: JSONValue

    /// What a filter looks at; `nil` when the delivery does not have it.
    func value(for filter: String) -> JSONValue? {
        switch filter {
        case "events", "resources": context["event"]
        case "actions": context["action"]?.nonNull
        case "repos", "organizations": context["repo"]
        case "org": context["repo"]?.stringValue.map { .string(String($0.prefix { $0 != "/" })) }
        case "labels", "labelsAny": context["labels"]
        case "branches": context["branch"]?.nonNull
        case "conclusions": context["conclusion"]?.nonNull
        default: context[filter]?.nonNull
        }
    }

    func passes(_ filter: String, values: [String], found: JSONValue?) -> Bool {
        switch filter {
        case "labels", "labelsAny":
            let labels = Set((found?.arrayValue ?? []).compactMap(\.stringValue))
            return filter == "labels" ? labels.isSuperset(of: values) : !labels.isDisjoint(with: values)
        case "branches" where found == nil:
            return true
        case "conclusions" where found == nil:
            return context["event"]?.stringValue != "workflow_run"
        default:
            guard let text = found?.stringValue else { return false }
            return isCaseBlind(filter) ? values.contains { equalIgnoringASCIICase($0, text) } : values.contains(text)
        }
    }

    /// GitHub's names of people and repositories have no case.
    private func isCaseBlind(_ filter: String) -> Bool {
        type == "github" && ["repos", "org", "assignee", "author"].contains(filter)
    }

    private func equalIgnoringASCIICase(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8) { lower($0) == lower($1) }
    }

    private func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
