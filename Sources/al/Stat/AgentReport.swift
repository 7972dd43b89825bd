import Domain
import Foundation
import Terminal

/// The text form of `al stat <agent>`, without its instances.
struct AgentReport {
    let name: String
    /// The agent as its files describe it; `nil` when they cannot be used.
    let agent: AgentConfig?
    /// `type:instance`, as resolved for the agent.
    let credentials: [String]
    /// The run that ended last, as the API shows it; `nil` when none is recorded.
    let lastRun: JSONValue?

    /// Configuration and state.
    ///
    /// - Parameter document: the answer of `/control/status`.
    /// - Returns: what to print, top to bottom.
    func lines(in document: JSONValue) -> [String] {
        let status = document["agents"]?.arrayValue?.first { $0["name"]?.stringValue == name }
        let isPaused = (document["scheduler"]?["paused"] ?? document["paused"])?.boolValue == true
        var lines = ["Agent: \(name)"]
        if isPaused { lines.append("  Status: PAUSED") }
        if status?["enabled"]?.boolValue == false { lines.append("  Status: Disabled") }
        lines += StatProblems(document: document).lines(of: name)
        // Said above already, and no result of the last run.
        let problem = document["reloadProblems"]?[name]?.stringValue
        let error = status?["lastError"]?.stringValue.flatMap { problem?.hasPrefix($0) == true ? nil : $0 }
        return lines + (agent.map(config(of:)) ?? []) + state(status ?? [:], error: error)
    }

    private func config(of agent: AgentConfig) -> [String] {
        var lines = ["", "Config:", "  Schedule: \(agent.schedule?.expression ?? "(none)")"]
        lines += agent.webhooks.map { "  Webhooks: \(Self.text(of: $0))" }
        if agent.scale != 1 { lines.append("  Scale: \(agent.scale)") }
        lines.append("  Timeout: \(agent.timeout)s")
        if !credentials.isEmpty { lines.append("  Credentials: \(credentials.joined(separator: ", "))") }
        return lines
    }

    /// `<source>: <events>; repos: …`.
    static func text(of trigger: WebhookTriggerConfig) -> String {
        let events = trigger.filters["events"] ?? trigger.filters["resources"] ?? []
        let rest = trigger.filters.filter { $0.key != "events" && $0.key != "resources" && !$0.value.isEmpty }
            .sorted { $0.key < $1.key }
            .map { "\($0.key): \($0.value.joined(separator: ", "))" }
        let heard = events.isEmpty ? "all events" : events.joined(separator: ", ")
        return "\(trigger.source): " + ([heard] + rest).joined(separator: "; ")
    }

    private func state(_ status: JSONValue, error: String?) -> [String] {
        var lines: [String] = []
        if let queued = status["queuedWebhooks"]?.intValue { lines.append("  Queued: \(queued)") }
        if let lastRun, let started = LocalTime.of(lastRun["startedAt"]) {
            let took = Figure.duration(milliseconds: lastRun["durationMs"])
            lines.append("  Last run: \(started), \(took), \(RunText.result(of: lastRun))")
        } else if let last = LocalTime.of(status["lastRunAt"]) {
            lines.append("  Last run: \(last), \(Figure.duration(milliseconds: status["lastRunDuration"]))")
        }
        // Not the last run's, often: the one that runs now and the files of the agent have errors too.
        if let line = error?.split(whereSeparator: \.isNewline).first { lines.append("  Last error: \(line)") }
        if let next = LocalTime.of(status["nextRunAt"]) { lines.append("  Next run: \(next)") }
        return lines.isEmpty ? [] : ["", "State:"] + lines
    }
}
