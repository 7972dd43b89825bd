import Domain
import OrderedCollections

extension TableDecoder {
    /// Reads the `[[webhooks]]` of an agent.
    func triggers(sources: [String: WebhookSourceConfig]) -> [WebhookTriggerConfig] {
        tables("webhooks").compactMap { $0.trigger(sources: sources) }
    }

    private func trigger(sources: [String: WebhookSourceConfig]) -> WebhookTriggerConfig? {
        guard let name = text("source") else {
            if members["source"] == nil {
                let defined = sources.keys.sorted().joined(separator: ", ")
                report.add(.webhookUnknownSource, at: full("source"), "is missing. Defined: \(defined)")
            }
            return nil
        }
        guard let source = sources[name] else {
            let defined = sources.keys.sorted()
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
        let legal = WebhookFilters.legalKeys(of: provider)
        var filters: [String: [String]] = [:]
        for key in members.keys where key != "source" {
            guard legal.contains(key) else {
                let list = legal.joined(separator: ", ")
                report.add(
                    .configIllegalKey,
                    at: full(key),
                    "not a filter of \(provider) (\(list))",
                    suggestion: Suggestion.nearest(to: key, among: legal)
                )
                continue
            }
            filters[key] = WebhookFilters.singleValued.contains(key) ? text(key).map { [$0] } : texts(key)
        }
        return filters
    }
}
