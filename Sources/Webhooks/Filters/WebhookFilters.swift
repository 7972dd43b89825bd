package import Domain

/// Judges a delivery against the filters of a trigger.
///
/// Filters are joined by AND, the values of one by OR (except `labels`: all of them). An absent or empty filter lets
/// everything pass. Two keys with one subject (`org`, `orgs`) are one filter with the values of both.
///
/// - Parameters:
///   - trigger: an agent's `[[webhooks]]` entry; its `source` is not looked at.
///   - type: provider type of the delivery.
///   - context: what the provider made of the payload.
/// - Returns: the first filter that says no, in the order of the provider's definitions; `nil` = the trigger fires.
package func refusal(of trigger: WebhookTriggerConfig, type: String, context: JSONValue) -> FilterRefusal? {
    guard !trigger.filters.isEmpty, let definitions = WebhookRegistry.provider(of: type)?.filters else { return nil }
    for definition in definitions where trigger.filters[definition.key]?.isEmpty == false {
        let subject = definition.subject
        let values = definitions.filter { $0.subject.name == subject.name }.flatMap { trigger.filters[$0.key] ?? [] }
        let found = subject.read(context)
        if !subject.passes(values, found: found) {
            return FilterRefusal(filter: subject.name, expected: values, found: found)
        }
    }
    return nil
}

/// What every trigger of some agents says to a delivery.
///
/// Agents of scale 0 have no triggers.
///
/// - Parameters:
///   - agents: in the order in which the verdicts shall come.
///   - sources: all of the project, by name.
///   - type: provider type of the delivery.
///   - hearers: the sources that hear it.
///   - context: what the provider made of the payload.
///   - includesOtherTypes: whether triggers of other provider types get a verdict as well.
/// - Returns: one verdict a trigger, agent by agent.
package func verdicts(
    of agents: [AgentConfig],
    sources: [String: WebhookSourceConfig],
    type: String,
    hearers: [String],
    context: JSONValue,
    includesOtherTypes: Bool = false
) -> [TriggerVerdict] {
    var verdicts: [TriggerVerdict] = []
    for agent in agents where agent.scale > 0 {
        for (index, trigger) in agent.webhooks.enumerated() {
            var refused: FilterRefusal?
            let ownType = sources[trigger.source]?.type
            if ownType != type {
                guard includesOtherTypes else { continue }
                refused = FilterRefusal(filter: "type", expected: ownType.map { [$0] } ?? [], found: .string(type))
            } else if hearers.contains(trigger.source) {
                refused = refusal(of: trigger, type: type, context: context)
            } else {
                let found = JSONValue.string(hearers.joined(separator: ", "))
                refused = FilterRefusal(filter: "source", expected: [trigger.source], found: found)
            }
            verdicts.append(TriggerVerdict(agent: agent.name, trigger: index, refusal: refused))
        }
    }
    return verdicts
}
