import Domain
import FoundationEssentials
import Storage

/// The words that the answers of `al why` have in common.
struct WhyWording: Sendable {
    let zone: TimeZone
    let now: Date

    /// `2026-01-15 10:00:00`.
    func time(_ date: Date) -> String { date.clockText(in: zone) }

    /// `slot 2026-01-15 10:00`; seconds only where the slot has some.
    func slot(_ due: Date) -> String {
        let text = time(due)
        return "slot " + (text.hasSuffix(":00") ? String(text.dropLast(3)) : text)
    }

    /// `12s`, `3m5s`; `less than a second`.
    func duration(from start: Date, to end: Date) -> String {
        let seconds = end.timeIntervalSince(start)
        return seconds < 1 ? "less than a second" : DurationText.of(seconds: Int(seconds))
    }

    /// `3m5s ago`.
    func age(of date: Date) -> String { "\(duration(from: date, to: now)) ago" }

    /// Why a run started, to follow "because".
    func cause(of run: RunRecord) -> String {
        if run.rerun > 0 { return "the run before it asked for another one (rerun \(run.rerun))" }
        switch run.trigger {
        case .schedule(let due?): return "its schedule was due (\(slot(due)))"
        case .schedule(nil): return "the scheduler started (initial run)"
        case .webhook(let facts): return "a \(facts.source) delivery came in (\(facts.event))"
        case .call(let facts): return "\(facts.caller) called it"
        case .manual(nil): return "somebody started it by hand"
        case .manual(let prompt?): return "somebody started it by hand with the task “\(Self.excerpt(prompt))”"
        }
    }

    /// The record behind ``cause(of:)``.
    func causeRecord(of run: RunRecord) -> String? {
        switch run.trigger {
        case .schedule(let due?) where run.rerun == 0: slot(due)
        case .webhook(let facts): "delivery \(facts.deliveryID)"
        case .call(let facts): "run \(facts.caller)"
        case .schedule, .manual: "run \(run.instance)"
        }
    }

    /// Which filter said no, and to what: `its filter label wants agent and bug, the delivery has other`.
    func refusal(_ refusal: FilterRefusal) -> String {
        let wanted = refusal.expected.joined(separator: refusal.missing == nil ? " or " : " and ")
        return "its filter \(refusal.filter) wants \(wanted), the delivery has \(Self.text(of: refusal.found))"
    }

    private static func text(of found: JSONValue?) -> String {
        switch found {
        case nil, .null?: "none"
        case .string(let text)?: text
        case .array(let values)? where values.isEmpty: "none"
        case .array(let values)?: values.map { $0.stringValue ?? $0.compactText }.joined(separator: ", ")
        case let value?: value.compactText
        }
    }

    /// What an item is for.
    func purpose(of item: WorkItem) -> String {
        switch item.trigger {
        case .webhook(let facts): "a \(facts.source) delivery (\(facts.event))"
        case .call(let facts): "a call by \(facts.caller)"
        case .manual: "an order by hand"
        case .schedule: "a due slot"
        }
    }

    /// The record behind ``purpose(of:)``.
    func record(of item: WorkItem) -> String {
        switch item.trigger {
        case .webhook(let facts): "delivery \(facts.deliveryID)"
        case .call(let facts): "call \(facts.callID)"
        case .manual, .schedule: "item \(item.id)"
        }
    }

    /// How a run that is over ended.
    func end(of run: RunRecord) -> String {
        let took = run.endedAt.map { " after \(duration(from: run.startedAt, to: $0))" } ?? ""
        let reason = run.outcome?.reason
        switch run.state {
        case .starting: return "It is starting since \(time(run.startedAt))."
        case .running: return "It runs since \(time(run.startedAt))."
        case .succeeded:
            let again = run.outcome?.wantsRerun == true ? " and asked for another run" : ""
            return "It succeeded\(took)\(again)."
        case .failed: return "It failed\(took): \(reason ?? "no reason was recorded")."
        case .timedOut: return "It was ended\(took): its timeout is \(run.timeout)s."
        case .killed: return "It was killed\(took): \(reason ?? "no reason was recorded")."
        case .lost:
            return "It was lost\(took): its container or process was gone before anybody read its exit code."
        }
    }

    /// The first words of a text on one line.
    static func excerpt(_ text: String, limit: Int = 80) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        guard line.count > limit else { return line }
        // Between words: half of a secret would not be found any more when secrets are hidden.
        let start = line.prefix(limit + 1)
        return (start.lastIndex(of: " ").map { start[..<$0] } ?? "") + "…"
    }
}
