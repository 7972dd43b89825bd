import Domain
import OrderedCollections
import Webhooks

extension TableDecoder {
    /// Reads the `[[webhooks]]` of an agent.
    ///
    /// - Parameters:
    ///   - sources: those that can be used, by name.
    ///   - defined: the names of all, also of those with errors.
    /// - Returns: those whose source can be used; ``ProblemReport/lacksTriggers`` is set where that of another is at fault.
    func triggers(sources: [String: WebhookSourceConfig], named defined: Set<String>) -> [WebhookTriggerConfig] {
        tables("webhooks").compactMap { $0.trigger(sources: sources, defined: defined.sorted()) }
    }

    private func trigger(sources: [String: WebhookSourceConfig], defined: [String]) -> WebhookTriggerConfig? {
        guard let name = text("source") else {
            if members["source"] == nil {
                let list = defined.joined(separator: ", ")
                report.add(.configBadType, at: full("source"), "is missing. Defined: \(list)")
            }
            return nil
        }
        guard let source = sources[name] else {
            // A table that is there but wrong has its own problem.
            if defined.contains(name) {
                report.lacksTriggers = true
                return nil
            }
            let list = defined.isEmpty ? "Nothing is defined there." : "Defined: \(defined.joined(separator: ", "))"
            report.add(
                .webhookUnknownSource,
                at: full("source"),
                "\(JSONValue.quoted(name)) is not defined in [webhooks]. \(list)",
                suggestion: Suggestion.nearest(to: name, among: defined)
            )
            return nil
        }
        return WebhookTriggerConfig(source: name, filters: filters(of: source.type))
    }

    /// Reads the filters; a key that the provider does not know is an error, because ignoring a filter starts the agent for
    /// more than was meant.
    private func filters(of provider: String) -> [String: [String]] {
        let definitions = WebhookRegistry.provider(of: provider)?.filters ?? []
        var filters: [String: [String]] = [:]
        for key in members.keys where key != "source" {
            guard let definition = definitions.first(where: { $0.key == key }) else {
                let legal = definitions.map(\.key)
                report.add(
                    .configIllegalKey,
                    at: full(key),
                    "not a filter of \(provider) (\(legal.joined(separator: ", ")))",
                    suggestion: Suggestion.nearest(to: key, among: legal)
                )
                continue
            }
            // An empty text filters nothing.
            if members[key] == "" { continue }
            filters[key] = definition.kind == .text ? text(key).map { [$0] } : texts(key)
            check(filters[key] ?? [], definition, provider: provider)
        }
        return filters
    }

    /// Hints at values that are legal and still look like mistakes.
    private func check(_ values: [String], _ definition: FilterDefinition, provider: String) {
        for value in values {
            if !definition.choices.isEmpty, !definition.choices.contains(value) {
                report.add(
                    .configUnusual,
                    at: full(definition.key),
                    "\(JSONValue.quoted(value)) is not among the usual values of \(provider)",
                    suggestion: Suggestion.nearest(to: value, among: definition.choices)
                )
            }
            if definition.isRepository, value.split(separator: "/", omittingEmptySubsequences: false).count != 2 {
                let text = "\(JSONValue.quoted(value)) does not look like owner/name and will match nothing"
                report.add(.configUnusual, at: full(definition.key), text)
            }
        }
        if definition.key == "labels", values.count > 1 {
            let text = "all \(values.count) labels must be on the event; to take any one of them use labelsAny"
            report.add(.configUnusual, at: full(definition.key), text)
        }
    }
}
