package import Domain
import FoundationEssentials
import OrderedCollections

extension Receipt {
    /// The delivery as operators see it; keys without a value are left out.
    package var json: JSONValue {
        .object([
            "receiptId": .string(id),
            "source": sources.isEmpty ? .none : .string(sources.joined(separator: ", ")),
            "type": .string(type),
            "deliveryId": providerDeliveryID.map(JSONValue.string),
            "event": event.isEmpty ? .none : .string(event),
            "summary": event.isEmpty ? .none : .string(summary),
            "status": .string(status.rawValue),
            "reason": reason.map(JSONValue.string),
            "receivedAt": receivedAt.json,
            "matched": .int(matched),
            "skipped": .int(skipped),
            "verdicts": .array(verdicts.map(json(of:))),
            "first": firstID == id ? .none : .string(firstID),
            "replayOf": replayOf.map(JSONValue.string),
            "replayedBy": replayedBy.map(JSONValue.string),
            "headers": headersJSON,
            "context": context,
            "bodyBytes": .int(bodyBytes),
            "duplicates": duplicates == 0 ? .none : .int(duplicates),
        ])
    }

    private var headersJSON: JSONValue {
        let sorted = headers.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        return .object(OrderedDictionary(uniqueKeysWithValues: sorted))
    }

    /// A verdict with what became of the work.
    private func json(of verdict: TriggerVerdict) -> JSONValue {
        var json = verdict.json
        guard verdict.isMatch, let decision = decisions[verdict.agent] else { return json }
        guard decision != "disabled" else {
            json["state"] = "skipped"
            json["reason"] = "disabled"
            return json
        }
        let work = work(of: verdict.agent)
        json["state"] = work.map { .string($0.state) }
        json["reason"] = work?.reason.map(JSONValue.string) ?? (decision == "repeated" ? "repeated" : .none)
        json["instanceId"] = work?.instance.map { .string($0.rawValue) }
        return json
    }
}
