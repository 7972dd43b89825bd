import Domain
import FoundationEssentials
import OrderedCollections
import Scheduler
import Storage

extension RunRecord {
    /// The run as operators see it; keys without a value are left out.
    var json: JSONValue {
        let duration = endedAt.map { JSONValue.int(Int(($0.timeIntervalSince(startedAt) * 1000).rounded())) }
        return .object([
            "instanceId": .string(instance.rawValue),
            "agent": .string(instance.agent.rawValue),
            "state": .string(state.rawValue),
            "result": state.isFinal ? outcome.map { .string($0.wireResult) } : .none,
            "exitCode": outcome?.exitCode.map { .int($0) },
            "reason": outcome?.reason.map(JSONValue.string),
            "trigger": trigger.operatorJSON,
            "itemId": itemID.map(JSONValue.string),
            "queuedAt": queuedAt.json,
            "startedAt": startedAt.json,
            "runningAt": runningAt?.json,
            "endedAt": endedAt?.json,
            "durationMs": duration,
            "usage": outcome?.usage?.json,
            "models": models.isEmpty ? .none : .array(models.map(JSONValue.string)),
            "cost": models.isEmpty ? .none : .double(cost),
            "error": outcome?.error.map(JSONValue.string),
            "summary": outcome?.summary.map(JSONValue.string),
            "returnValue": outcome?.returnValue.map(JSONValue.string),
            "returnValueCut": outcome?.isReturnValueCut == true ? .some(true) : .none,
            "callDepth": .int(trigger.callDepth),
            "rerun": .int(rerun),
            "configHash": .string(configHash),
            "runtime": runtime.map(JSONValue.string),
            "isolation": isolation.map(JSONValue.string),
        ])
    }
}

extension LockRecord {
    /// The lock as operators see it.
    var operatorJSON: JSONValue {
        [
            "resourceKey": .string(key), "agentName": .string(holder.agent.rawValue),
            "heldSince": heldSince.milliseconds, "holder": .string(holder.rawValue),
            "expiresAt": expiresAt.milliseconds,
        ]
    }
}

extension Trigger {
    /// The trigger of a run as operators see it.
    var operatorJSON: JSONValue {
        switch self {
        case .schedule(let slot): .object(["type": "schedule", "slot": slot?.json])
        case .webhook(let facts):
            [
                "type": "webhook", "source": .string(facts.source), "event": .string(facts.event),
                "receiptId": .string(facts.deliveryID),
            ]
        case .call(let facts):
            [
                "type": "call", "callId": .string(facts.callID), "caller": .string(facts.caller.agent.rawValue),
                "parent": .string(facts.caller.rawValue),
            ]
        case .manual(let prompt): .object(["type": "manual", "prompt": prompt.map(JSONValue.string)])
        }
    }
}

extension RunSummary {
    var json: JSONValue {
        .object([
            "day": .string(day), "agent": .string(agent.rawValue), "runs": .int(runs), "succeeded": .int(succeeded),
            "failed": .int(failed), "medianMs": medianMs.map { .int($0) }, "p95Ms": p95Ms.map { .int($0) },
            "totalTokens": .int(totalTokens), "cost": cost.map(JSONValue.double),
        ])
    }
}

extension CallEdge {
    var json: JSONValue {
        [
            "caller": .string(caller.rawValue), "target": .string(target.rawValue), "count": .int(count),
            "failed": .int(failed),
        ]
    }
}

extension SlotRecord {
    var json: JSONValue {
        .object([
            "agent": .string(agent.rawValue), "dueAt": dueAt.json, "end": .string(end),
            "reason": reason.map(JSONValue.string), "instanceId": instance.map { .string($0.rawValue) },
            "catchUp": catchUp.map { .int($0) }, "firstDueAt": firstDueAt?.json,
            "count": count > 1 ? .int(count) : .none,
        ])
    }
}

extension UpcomingFires {
    var json: JSONValue {
        .object([
            "agent": .string(agent.rawValue), "expression": .string(expression), "zone": .string(zoneName),
            "slots": .array(slots.map(\.json)), "fireAt": .array(fireAt.map(\.json)),
            "note": note.map(JSONValue.string),
        ])
    }
}

extension WorkItem {
    var json: JSONValue {
        var receipt: String?
        var call: String?
        switch trigger {
        case .webhook(let facts): receipt = facts.deliveryID
        case .call(let facts): call = facts.callID
        case .schedule, .manual: break
        }
        return .object([
            "id": .string(id), "agent": .string(agent.rawValue), "trigger": trigger.operatorJSON,
            "state": .string(state.rawValue), "reason": reason.map(JSONValue.string), "receivedAt": receivedAt.json,
            "dueAt": dueAt?.json, "key": key.map(JSONValue.string), "receiptId": receipt.map(JSONValue.string),
            "callId": call.map(JSONValue.string),
        ])
    }
}

extension Audit {
    var json: JSONValue {
        [
            "balanced": .bool(isBalanced), "slots": slots.json, "deliveries": deliveries.json, "runs": runs.json,
            "calls": calls.json,
            "open": .array(
                open.map { ["kind": .string($0.kind), "name": .string($0.name), "problem": .string($0.problem)] }
            ),
        ]
    }
}

extension Audit.Account {
    /// `{"total":n,"<end>":n,"<end with reasons>":{"<reason>":n}}`.
    var json: JSONValue {
        var object: OrderedDictionary<String, JSONValue> = ["total": .int(total)]
        for (end, reasons) in ends {
            if let only = reasons[""], reasons.count == 1 {
                object[end] = .int(only)
            } else {
                let pairs = reasons.map { ($0.key.isEmpty ? "unknown" : $0.key, JSONValue.int($0.value)) }
                object[end] = .object(OrderedDictionary(uniqueKeysWithValues: pairs))
            }
        }
        return .object(object)
    }
}
