package import Domain
import OrderedCollections
import Storage

/// Something that happened to runs and triggers, told as it happens to whoever listens.
package enum LifecycleEvent: Hashable, Sendable {
    /// A run was claimed or adopted; `trigger` is `type` or `type:source`.
    case runStart(instance: InstanceID, trigger: String)
    case runEnd(instance: InstanceID, result: String, exitCode: Int?, error: String?)
    case lock(instance: InstanceID, key: String, action: LockAction, refusal: LockRefusal?)
    case call(caller: InstanceID, target: String, callID: String?, reason: String?)
    case signal(instance: InstanceID, signal: SignalKind)
    case webhookReceived(source: String, event: String)
    case webhookDispatched(source: String, agents: [AgentName])

    /// What a run did with a lock.
    package enum LockAction: String, Hashable, Sendable { case acquire, release, heartbeat }

    /// Why a run did not get what it asked of a lock.
    package struct LockRefusal: Hashable, Sendable {
        /// Of the HTTP answer.
        package var status: Int
        package var reason: String
    }

    /// What a run said through the gateway.
    package enum SignalKind: String, Hashable, Sendable { case rerun, status, trigger, `return` }

    /// The name of the kind on the wire.
    package var name: String {
        switch self {
        case .runStart: "run:start"
        case .runEnd: "run:end"
        case .lock: "lock"
        case .call: "call"
        case .signal: "signal"
        case .webhookReceived: "webhook:received"
        case .webhookDispatched: "webhook:dispatched"
        }
    }
}

/// Who tells what happens.
package protocol LifecycleSource: Sendable {
    /// Everything that happens from now on.
    ///
    /// A reader that falls more than 1000 events behind loses the oldest of them. To be iterated once.
    func lifecycleEvents() async -> AsyncStream<LifecycleEvent>
}

extension LifecycleEvent {
    /// The event as it goes over the wire: `type` and the facts.
    package var json: JSONValue {
        var object: OrderedDictionary<String, JSONValue> = ["type": .string(name)]
        for (key, value) in facts where value != nil { object[key] = value }
        return .object(object)
    }

    private var facts: KeyValuePairs<String, JSONValue?> {
        switch self {
        case .runStart(let instance, let trigger):
            [
                "agentName": .string(instance.agent.rawValue), "instanceId": .string(instance.rawValue),
                "trigger": .string(trigger),
            ]
        case .runEnd(let instance, let result, let exitCode, let error):
            [
                "agentName": .string(instance.agent.rawValue), "instanceId": .string(instance.rawValue),
                "result": .string(result), "exitCode": exitCode.map { .int($0) }, "error": error.map(JSONValue.string),
            ]
        case .lock(let instance, let key, let action, let refusal):
            [
                "agentName": .string(instance.agent.rawValue), "instanceId": .string(instance.rawValue),
                "resourceKey": .string(key), "action": .string(action.rawValue), "ok": .bool(refusal == nil),
                "status": .int(refusal?.status ?? 200), "reason": refusal.map { .string($0.reason) },
            ]
        case .call(let caller, let target, let callID, let reason):
            [
                "callerAgent": .string(caller.agent.rawValue), "targetAgent": .string(target),
                "ok": .bool(callID != nil), "callId": callID.map(JSONValue.string),
                "reason": reason.map(JSONValue.string),
            ]
        case .signal(let instance, let signal):
            [
                "agentName": .string(instance.agent.rawValue), "instanceId": .string(instance.rawValue),
                "signal": .string(signal.rawValue),
            ]
        case .webhookReceived(let source, let event):
            ["source": .string(source), "event": .string(event)]
        case .webhookDispatched(let source, let agents):
            ["source": .string(source), "agents": .array(agents.map { .string($0.rawValue) })]
        }
    }
}

extension LockAnswer {
    /// What a lock event says of an answer; `nil` when the run got what it asked for.
    var refusal: LifecycleEvent.LockRefusal? {
        switch self {
        case .ok: nil
        case .heldByOther(let holder, _): .init(status: 409, reason: "held by \(holder)")
        case .holdsAnother(let key): .init(status: 409, reason: "already holding lock on \(key) — release it first")
        case .notFound: .init(status: 404, reason: "lock not found")
        }
    }
}
