/// What a trigger of an agent says to a delivery.
package struct TriggerVerdict: Hashable, Sendable {
    package let agent: AgentName
    /// Place of the entry among the agent's `[[webhooks]]`, from 0.
    package let trigger: Int
    /// The filter that says no; `nil` = the trigger fires.
    package let refusal: FilterRefusal?

    /// Collects the facts.
    package init(agent: AgentName, trigger: Int, refusal: FilterRefusal?) {
        self.agent = agent
        self.trigger = trigger
        self.refusal = refusal
    }

    /// Whether the trigger fires.
    package var isMatch: Bool { refusal == nil }
}

extension TriggerVerdict {
    /// The verdict as it is stored and shown; keys without a value are left out.
    package var json: JSONValue {
        .object([
            "agent": .string(agent.rawValue),
            "trigger": .int(trigger),
            "matched": .bool(isMatch),
            "filter": refusal.map { .string($0.filter) },
            "expected": refusal.map { .array($0.expected.map(JSONValue.string)) },
            "found": refusal?.found,
        ])
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    package init?(json: JSONValue) {
        // A name that is no longer legal makes the record unreadable, whatever is wrong with it.
        guard let agent = json["agent"]?.stringValue.flatMap({ try? AgentName($0) }),
            let trigger = json["trigger"]?.intValue, let isMatch = json["matched"]?.boolValue
        else { return nil }
        guard !isMatch else {
            self.init(agent: agent, trigger: trigger, refusal: nil)
            return
        }
        let expected = (json["expected"]?.arrayValue ?? []).compactMap(\.stringValue)
        let filter = json["filter"]?.stringValue ?? ""
        let refusal = FilterRefusal(filter: filter, expected: expected, found: json["found"])
        self.init(agent: agent, trigger: trigger, refusal: refusal)
    }
}
