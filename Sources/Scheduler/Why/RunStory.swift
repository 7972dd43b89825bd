import Domain
import FoundationEssentials
import Storage

/// The recorded facts about one run, and what they say.
struct RunStory: Sendable {
    var run: RunRecord
    /// The runs that led here by calls, the nearest first.
    var callers: [RunRecord]
    /// The item it was started for, and the run after it that the item got.
    var item: WorkItem?
    var repetition: RunRecord?
    /// What ran when the run's trigger came in and it had to wait.
    var blockers: [RunRecord]
    var transitions: [RunTransition]
    /// The calls it made.
    var calls: [CallRecord]
    /// Locks it holds.
    var locks: [LockRecord]
    /// The last lines of its transcript, oldest first.
    var transcript: [JSONValue]
    var facts: ProjectFacts
    var now: Date

    private var wording: WhyWording { WhyWording(zone: facts.defaultZone, now: now) }
    private var record: String { "run \(run.instance)" }

    /// Everything there is to say: trigger, wait, end and its cause, cost.
    var sentences: [WhySentence] {
        beginning + [WhySentence(wording.end(of: run), record: record)] + cause + side + [cost]
    }

    private var beginning: [WhySentence] {
        var sentences = [
            WhySentence(
                "\(run.instance) started \(wording.time(run.startedAt)) because \(wording.cause(of: run)).",
                record: wording.causeRecord(of: run)
            )
        ]
        if let root = callers.last {
            let chain = (callers.reversed().map { "\($0.instance)" } + ["\(run.instance)"]).joined(separator: " → ")
            sentences.append(
                WhySentence(
                    "The chain of calls is \(chain); \(root.instance) started because \(wording.cause(of: root)).",
                    record: wording.causeRecord(of: root)
                )
            )
        }
        if run.startedAt.timeIntervalSince(run.queuedAt) >= 1 {
            let behind =
                blockers.isEmpty ? "" : " behind \(blockers.map { "\($0.instance)" }.joined(separator: ", "))"
            sentences.append(
                WhySentence(
                    "It waited \(wording.duration(from: run.queuedAt, to: run.startedAt))\(behind).",
                    record: record
                )
            )
        }
        return sentences
    }

    // MARK: Cause

    private var cause: [WhySentence] {
        switch run.state {
        case .timedOut:
            [openTool.map { WhySentence("At that moment it was running the tool \($0).", record: record) }].compactMap {
                $0
            }
        case .failed, .killed: [ownAccount].compactMap { $0 } + [launch].compactMap { $0 }
        case .lost where run.runningAt == nil: [fateOfItem]
        case .lost:
            [
                WhySentence(
                    "It had been at work, so it is not repeated by itself: side effects may have happened.",
                    record: record
                )
            ]
        case .starting, .running:
            [openTool.map { WhySentence("It is running the tool \($0).", record: record) }].compactMap { $0 }
        case .succeeded: []
        }
    }

    /// What became of the work of a run that was lost before it came up.
    private var fateOfItem: WhySentence {
        let beginning = "It had not come up yet"
        if let repetition {
            let what = "so its item was put back into the queue and \(repetition.instance) took it"
            return WhySentence("\(beginning), \(what).", record: "run \(repetition.instance)")
        }
        guard let item, item.state != .claimed else {
            return WhySentence("\(beginning); it is not repeated by itself.", record: record)
        }
        let fate = item.state == .waiting ? "it waits" : "it was dropped: \(item.reason ?? "no reason was recorded")"
        return WhySentence("\(beginning), so its item was put back into the queue; \(fate).", record: "item \(item.id)")
    }

    /// A run that never came up failed before any agent did anything.
    private var launch: WhySentence? {
        guard run.state == .failed, run.runningAt == nil, run.handle == nil else { return nil }
        return WhySentence("It never came up: nothing of the agent was executed.", record: record)
    }

    /// What the run itself wrote last about its troubles.
    private var ownAccount: WhySentence? {
        if let error = run.outcome?.error {
            return WhySentence("It said: \(WhyWording.excerpt(error, limit: 300)).", record: record)
        }
        guard let trouble = transcript.last(where: { ["retry", "end"].contains($0["type"]?.stringValue) }) else {
            return openTool.map { WhySentence("At that moment it was running the tool \($0).", record: record) }
        }
        if trouble["type"]?.stringValue == "retry" {
            let status = trouble["status"]?.intValue.map { " (HTTP \($0))" } ?? ""
            let text = trouble["error"]?.stringValue.map { ": \(WhyWording.excerpt($0, limit: 200))" } ?? ""
            return WhySentence(
                "The model had answered with \(trouble["class"]?.stringValue ?? "an error")\(status)\(text).",
                record: record
            )
        }
        guard let outcome = trouble["outcome"]?.stringValue, outcome != "completed", outcome != "error" else {
            return nil
        }
        return WhySentence("Its own account of the end is: \(outcome).", record: record)
    }

    /// The tool call that had no result when the run ended, or got one only because time was over.
    private var openTool: String? {
        let deadline = (run.startedAt.timeIntervalSince1970 + Double(run.timeout) - 1) * 1000
        var open: [(id: String, text: String)] = []
        for line in transcript {
            let message = line["message"]
            let isTooLate = run.state == .timedOut && (line["ts"]?.doubleValue ?? 0) >= deadline
            if let id = message?["callId"]?.stringValue, !isTooLate { open.removeAll { $0.id == id } }
            for part in message?["content"]?.arrayValue ?? [] {
                guard part["type"]?.stringValue == "toolCall", let id = part["id"]?.stringValue else { continue }
                let name = part["name"]?.stringValue ?? "a tool"
                let command = part["arguments"]?["command"]?.stringValue.map { ": $ \(WhyWording.excerpt($0))" } ?? ""
                open.append((id, "\(name)\(command)"))
            }
        }
        return open.last?.text
    }

    // MARK: Besides

    private var side: [WhySentence] {
        var sentences: [WhySentence] = []
        for call in calls where call.state == .error {
            sentences.append(
                WhySentence(
                    "Its call to \(call.target) failed: \(call.errorMessage ?? "no reason was recorded").",
                    record: "call \(call.id)"
                )
            )
        }
        for lock in locks {
            sentences.append(
                WhySentence(
                    "It holds the lock on \(lock.key) since \(wording.time(lock.heldSince)).",
                    record: "lock \(lock.key)"
                )
            )
        }
        return sentences
    }

    private var cost: WhySentence {
        guard let usage = run.outcome?.usage else {
            return WhySentence(
                run.state.isFinal ? "No use of a model was recorded." : "Its cost is known when it has ended.",
                record: record
            )
        }
        let price = usage.cost.map { "$" + Self.money($0) } ?? "a price that is not known"
        return WhySentence("It used \(usage.total) tokens in \(usage.turns) turns for \(price).", record: record)
    }

    /// Four decimals.
    static func money(_ amount: Double) -> String {
        let units = Int((min(max(0, amount), TokenUsage.largestCost) * 10_000).rounded())
        let rest = String(units % 10_000)
        return "\(units / 10_000)." + String(repeating: "0", count: 4 - rest.count) + rest
    }
}
