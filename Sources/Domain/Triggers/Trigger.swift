package import FoundationEssentials

/// Why a run starts.
package enum Trigger: Hashable, Sendable {
    /// A due time of the agent's schedule. `nil`: the run that every scheduled agent gets when the scheduler starts.
    case schedule(slot: Date?)
    case webhook(WebhookTriggerFacts)
    case call(CallTriggerFacts)
    /// An order by a person, with the task they typed, if any.
    case manual(prompt: String?)

    /// The word for this kind of trigger on the wire and in `AL_TRIGGER`.
    package var kind: TriggerKind {
        switch self {
        case .schedule: .schedule
        case .webhook: .webhook
        case .call: .call
        case .manual: .manual
        }
    }

    /// The trigger as instances show it on the wire: `schedule`, `webhook:issues`, `agent:dev`, `manual`.
    package var wireLabel: String {
        switch self {
        case .schedule: "schedule"
        case .webhook(let facts): "webhook:\(facts.event)"
        case .call(let facts): "agent:\(facts.caller.agent)"
        case .manual: "manual"
        }
    }

    /// The label of log lines and activity: `schedule`, `webhook (issues)`, `triggered by dev`, `manual`.
    package var reasonLabel: String {
        switch self {
        case .schedule: "schedule"
        case .webhook(let facts): "webhook (\(facts.event))"
        case .call(let facts): "triggered by \(facts.caller.agent)"
        case .manual: "manual"
        }
    }

    /// How many calls led here: 0 for everything that is not a call.
    package var callDepth: Int { if case .call(let facts) = self { facts.depth } else { 0 } }
}

/// The four kinds of trigger.
package enum TriggerKind: String, CaseIterable, Hashable, Sendable {
    case schedule, webhook, call, manual
}

/// What a run learns of the delivery that started it.
package struct WebhookTriggerFacts: Hashable, Sendable {
    /// Our id of the delivery (on the wire `receiptId`).
    package let deliveryID: String
    /// Provider type (`github`, …).
    package let source: String
    package let event: String
    /// The context object handed to the model in `<webhook-trigger>`.
    package let context: JSONValue

    /// Collects the facts.
    package init(deliveryID: String, source: String, event: String, context: JSONValue) {
        self.deliveryID = deliveryID
        self.source = source
        self.event = event
        self.context = context
    }

    /// Event and action in one: `issues opened`.
    package var summary: String { Self.summary(event: event, context: context) }

    /// Event and action of any delivery in one: `issues opened`, `push`.
    package static func summary(event: String, context: JSONValue?) -> String {
        guard let action = context?["action"]?.stringValue, !action.isEmpty else { return event }
        return "\(event) \(action)"
    }
}

/// What a run learns of the call that started it.
package struct CallTriggerFacts: Hashable, Sendable {
    /// UUID of the call.
    package let callID: String
    package let caller: InstanceID
    /// 1 for a call made by a run that was not itself called.
    package let depth: Int
    /// The agents above this one, outermost first, the caller last.
    package let chain: [AgentName]
    /// What the caller wrote to the standard input of `al-call`.
    package let context: String

    /// Collects the facts.
    package init(callID: String, caller: InstanceID, depth: Int, chain: [AgentName], context: String) {
        self.callID = callID
        self.caller = caller
        self.depth = depth
        self.chain = chain
        self.context = context
    }
}
