import Domain
import Foundation
import Terminal

/// The text form of `al stat --history`: slots and runs in one list, newest first.
struct HistoryReport {
    private struct Entry {
        let time: Date
        let json: JSONValue
    }

    let slots: [JSONValue]
    let runs: [JSONValue]
    let count: Int
    /// Cells of the terminal; `nil` = no limit.
    let width: Int?

    /// `{"entries":[…]}`: runs as the API shows them, and the slots that fired none.
    var document: JSONValue { ["entries": .array(entries.map(\.json))] }

    /// The table.
    var lines: [String] {
        guard !entries.isEmpty else { return ["No history yet."] }
        var table = TextTable(
            ["DUE OR STARTED", "AGENT", "END", "RUN", "OUTCOME", "DURATION", "COST"],
            minimumWidths: [20, 16, 20, 24, 12, 10]
        )
        for entry in entries { table.add(row(entry)) }
        return table.lines(fitting: width)
    }

    /// A slot that fired is shown as its run.
    private var entries: [Entry] {
        let idle = slots.filter { $0["end"]?.stringValue != "fired" }.compactMap { slot in
            LocalTime.date(of: slot["dueAt"]).map { Entry(time: $0, json: slot) }
        }
        let busy = runs.compactMap { run in
            LocalTime.date(of: run["trigger"]?["slot"] ?? run["startedAt"]).map { Entry(time: $0, json: run) }
        }
        return Array((idle + busy).sorted { $0.time > $1.time }.prefix(count))
    }

    private func row(_ entry: Entry) -> [String] {
        let json = entry.json
        let time = LocalTime.dateAndClock(entry.time)
        let agent = json["agent"]?.stringValue ?? ""
        guard let instance = json["instanceId"]?.stringValue, json["state"] != nil else {
            let reason = json["reason"]?.stringValue.map { ": \($0)" } ?? ""
            return [time, agent, (json["end"]?.stringValue ?? "") + reason, "—", "—", "—", "—"]
        }
        return [
            time, agent, json["trigger"]?["slot"] == nil ? RunText.trigger(of: json) : "fired", instance,
            RunText.result(of: json), Figure.duration(milliseconds: json["durationMs"]),
            Figure.cost(json["usage"]?["cost"]),
        ]
    }
}
