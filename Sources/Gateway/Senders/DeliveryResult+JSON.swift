import Domain
import Storage

extension DeliveryResult {
    /// The answer to the sender.
    var json: JSONValue {
        let works = first.map { work in
            JSONValue.object([
                "agent": .string(work.agent.rawValue),
                "instanceId": work.instance.map { .string($0.rawValue) },
                "state": .string(work.state),
            ])
        }
        return .object([
            "ok": true,
            "matched": .int(matched),
            "skipped": .int(skipped),
            "duplicate": isDuplicate ? .some(true) : .none,
            "redelivery": isRedelivery ? .some(true) : .none,
            "first": isDuplicate ? .some(.array(works)) : .none,
        ])
    }
}
