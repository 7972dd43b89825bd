import Domain
import Foundation
import OrderedCollections
import Terminal

/// The text form of `al stat`.
struct StatReport {
    /// The answer of `/control/status` with `locks`.
    let document: JSONValue
    /// The agents as the files describe them.
    let agents: [AgentConfig]
    let project: String
    let gateway: String
    let now: Date
    /// Cells of the terminal; `nil` = no limit.
    let width: Int?

    /// The whole report.
    var lines: [String] {
        ["AL Status — \(project)", "", "Scheduler:"] + scheduler + ["", "Agents:"] + agentTable
            + StatProblems(document: document).lines + instances(of: nil) + locks
    }

    /// The running instances, of one agent or all.
    func instances(of agent: String?) -> [String] {
        let running = (document["instances"]?.arrayValue ?? []).filter { instance in
            instance["status"]?.stringValue == "running"
                && (agent == nil || instance["agentName"]?.stringValue == agent)
        }
        guard !running.isEmpty else { return ["", "No running instances."] }
        var table = TextTable(
            ["AGENT", "INSTANCE ID", "STATUS", "TRIGGER", "STARTED"],
            minimumWidths: [16, 24, 12, 20]
        )
        for instance in running {
            table.add([
                instance["agentName"]?.stringValue ?? "", instance["id"]?.stringValue ?? "", "running",
                instance["trigger"]?.stringValue ?? "", LocalTime.of(instance["startedAt"]) ?? "—",
            ])
        }
        return ["", "Running Instances:"] + table.lines(fitting: width)
    }

    private var isPaused: Bool {
        (document["scheduler"]?["paused"] ?? document["paused"])?.boolValue == true
    }

    private var scheduler: [String] {
        guard let scheduler = document["scheduler"], scheduler.objectValue != nil else {
            return ["  Status: Not running (start it with: al start)"] + (isPaused ? ["  It will start PAUSED."] : [])
                + unattended + dropped
        }
        let state = scheduler["stopping"]?.boolValue == true ? "Stopping" : isPaused ? "PAUSED" : "Running"
        let runtime = scheduler["runtime"]?.stringValue.map { ["  Runtime: \($0)"] } ?? []
        // Asked by its address, told by its name, as ever.
        let address = gateway.replacing("//127.0.0.1:", with: "//localhost:")
        return ["  Status: \(state)", "  Mode: \(scheduler["mode"]?.stringValue ?? "unknown")"] + runtime
            + ["  Gateway: \(address)"] + dropped
    }

    /// Runs that the last scheduler left.
    private var unattended: [String] {
        let count = document["instances"]?.arrayValue?.count ?? 0
        guard count > 0 else { return [] }
        let runs = count == 1 ? "1 run has" : "\(count) runs have"
        return ["  \(runs) no recorded end; the next start looks after \(count == 1 ? "it" : "them")."]
    }

    /// Accepted work that will not run.
    private var dropped: [String] {
        let counts = document["dropped"]?.objectValue ?? [:]
        let total = counts.values.reduce(0) { $0 + ($1.intValue ?? 0) }
        guard total > 0 else { return [] }
        let reasons = counts.map { "\($0) \(Figure.count($1))" }.joined(separator: ", ")
        return ["  Dropped (7 d): \(Figure.count(.int(total))) (\(reasons))"]
    }

    private var agentTable: [String] {
        var table = TextTable(
            ["AGENT", "TRIGGER", "STATUS", "INSTANCES", "QUEUED", "LAST RUN", "NEXT RUN"],
            minimumWidths: [16, 16, 12, 12, 8, 20]
        )
        for agent in document["agents"]?.arrayValue ?? [] {
            let running = agent["runningCount"]?.intValue ?? 0
            table.add([
                agent["name"]?.stringValue ?? "", trigger(of: agent), label(of: agent),
                running > 0 ? "\(running) running" : "0", String(agent["queuedWebhooks"]?.intValue ?? 0),
                LocalTime.of(agent["lastRunAt"]) ?? "—", LocalTime.of(agent["nextRunAt"]) ?? "—",
            ])
        }
        guard !table.isEmpty else {
            return StatProblems(document: document).lines.isEmpty ? ["No agents."] : ["No agent that can be used."]
        }
        let lines = table.lines(fitting: width)
        // Where the table became blocks there is no heading to underline.
        guard lines[0].hasPrefix("AGENT"), lines[0].contains("TRIGGER") else { return lines }
        return [lines[0], String(repeating: "─", count: min(56, width ?? 56))] + lines.dropFirst()
    }

    /// A dash where the files cannot be used or are not here.
    private func trigger(of agent: JSONValue) -> String {
        agents.first { $0.name.rawValue == agent["name"]?.stringValue }?.triggerLabel ?? "—"
    }

    private func label(of agent: JSONValue) -> String {
        if agent["enabled"]?.boolValue == false { return "Disabled" }
        if isPaused { return "PAUSED" }
        return agent["state"]?.stringValue?.capitalized ?? "Idle"
    }

    private var locks: [String] {
        let held = document["locks"]?.arrayValue ?? []
        guard !held.isEmpty else { return [] }
        return ["", "Active locks:"]
            + held.map { lock in
                let since = Date(timeIntervalSince1970: (lock["heldSince"]?.doubleValue ?? 0) / 1000)
                let age = DurationText.of(seconds: Int(now.timeIntervalSince(since)))
                let key = lock["resourceKey"]?.stringValue?.oneLine ?? ""
                return "  \(lock["agentName"]?.stringValue ?? ""): \(key) (held for \(age))"
            }
    }
}
