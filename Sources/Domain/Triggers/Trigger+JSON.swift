import FoundationEssentials
import OrderedCollections

extension Trigger {
    /// The trigger as it is stored with work items and runs.
    package var json: JSONValue {
        switch self {
        case .schedule(let slot):
            .object(["type": "schedule", "slot": slot.map { .int($0.epochMilliseconds) }])
        case .webhook(let facts):
            .object(OrderedDictionary(uniqueKeysWithValues: facts.members + [("context", facts.context)]))
        case .call(let facts):
            [
                "type": "call", "callId": .string(facts.callID), "caller": .string(facts.caller.rawValue),
                "depth": .int(facts.depth), "chain": .array(facts.chain.map { .string($0.rawValue) }),
                "context": .string(facts.context),
            ]
        case .manual(let prompt):
            .object(["type": "manual", "prompt": prompt.map(JSONValue.string)])
        }
    }

    /// The text of ``json`` without the context of a webhook, for who keeps that with the delivery.
    package var textWithoutContext: String {
        guard case .webhook(let facts) = self else { return json.compactText }
        return JSONValue.compactText(of: facts.members)
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    package init?(json: JSONValue) {
        switch json["type"]?.stringValue {
        case "schedule":
            self = .schedule(slot: json["slot"]?.intValue.map { Date(timeIntervalSince1970: Double($0) / 1000) })
        case "webhook":
            guard let deliveryID = json["deliveryId"]?.stringValue, let source = json["source"]?.stringValue,
                let event = json["event"]?.stringValue, let context = json["context"]
            else { return nil }
            self = .webhook(.init(deliveryID: deliveryID, source: source, event: event, context: context))
        case "call":
            guard let callID = json["callId"]?.stringValue,
                let caller = json["caller"]?.stringValue.flatMap(InstanceID.init),
                let depth = json["depth"]?.intValue, let chain = json["chain"]?.arrayValue,
                let context = json["context"]?.stringValue
            else { return nil }
            // Names were checked when they were stored; one that no longer fits makes the record unreadable.
            let names = chain.compactMap { $0.stringValue.flatMap { try? AgentName($0) } }
            guard names.count == chain.count else { return nil }
            self = .call(.init(callID: callID, caller: caller, depth: depth, chain: names, context: context))
        case "manual":
            self = .manual(prompt: json["prompt"]?.stringValue)
        default:
            return nil
        }
    }
}

extension WebhookTriggerFacts {
    /// What is stored of a webhook's trigger besides the context.
    fileprivate var members: [(key: String, value: JSONValue)] {
        [
            ("type", "webhook"), ("deliveryId", .string(deliveryID)), ("source", .string(source)),
            ("event", .string(event)),
        ]
    }
}
