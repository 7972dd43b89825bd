import Domain
import Foundation
import Terminal

/// How deliveries are written for people.
enum ReceiptText {
    /// A time of the API in local time.
    static func time(_ value: JSONValue?) -> String {
        // A time that cannot be read is shown as it came.
        LocalTime.of(value) ?? value?.stringValue ?? ""
    }

    /// The runs of a delivery, or what became of the work instead.
    static func work(of delivery: JSONValue) -> String {
        var seen: Set<String> = []
        let works = (delivery["verdicts"]?.arrayValue ?? []).compactMap { verdict -> String? in
            guard verdict["matched"] == true, let agent = verdict["agent"]?.stringValue, seen.insert(agent).inserted
            else { return nil }
            let state = verdict["state"]?.stringValue ?? "-"
            return "\(verdict["instanceId"]?.stringValue ?? agent) (\(state))"
        }
        return works.isEmpty ? delivery["reason"]?.stringValue ?? "-" : works.joined(separator: ", ")
    }

    /// Why no trigger said anything to a delivery.
    static func silence(on delivery: JSONValue) -> String {
        switch delivery["status"]?.stringValue {
        case "rejected": "None: it was refused before any trigger was asked."
        case "ignored": "None: of such an event no trigger is asked."
        default: "No agent listens to this source."
        }
    }

    /// One line a verdict: agent, trigger, and the filter that said no.
    static func lines(of verdicts: [JSONValue]) -> [String] {
        var table = TextTable(["AGENT", "TRIGGER", "VERDICT"])
        for verdict in verdicts {
            table.add([
                verdict["agent"]?.stringValue ?? "", "webhooks[\(verdict["trigger"]?.intValue ?? 0)]",
                sentence(of: verdict),
            ])
        }
        return table.lines(fitting: Console.width)
    }

    private static func sentence(of verdict: JSONValue) -> String {
        guard verdict["matched"] != true else {
            let work = [verdict["instanceId"], verdict["state"], verdict["reason"]].compactMap { $0?.stringValue }
            return (["matches"] + work).joined(separator: ", ")
        }
        if let missing = TriggerVerdict(json: verdict)?.refusal?.missing, !missing.isEmpty {
            return "no: labels must all be there; missing: \(missing.joined(separator: ", "))"
        }
        let expected = (verdict["expected"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
        let found = verdict["found"].map { $0.stringValue ?? $0.compactText } ?? "nothing"
        return "no: \(verdict["filter"]?.stringValue ?? "filter") must be \(expected); found \(found)"
    }
}
