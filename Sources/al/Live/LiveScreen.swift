import Domain
import FoundationEssentials
import Scheduler
import Terminal

/// The picture of a state: as many lines as the terminal has rows, none wider than it is.
struct LiveScreen {
    /// Rows that a page's title and the last line take.
    private static let frameRows = 3
    private static let spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

    let state: LiveState
    let now: Date

    /// Rows for the text of a page.
    static func pageRows(_ size: TerminalSize) -> Int { max(1, size.rows - frameRows) }

    /// From the top.
    var lines: [StyledText] {
        var lines: [StyledText]
        if let page = state.page {
            lines = self.page(page)
        } else if state.isInitializing {
            lines = starting
        } else {
            lines = overview
        }
        let rows = state.size.rows - 1
        lines = Array(lines.prefix(rows)) + Array(repeating: StyledText(""), count: max(0, rows - lines.count))
        return (lines + [LiveFooter(state: state).line]).map { $0.fitted(to: state.size.columns) }
    }

    // MARK: Parts

    private func page(_ page: LivePage) -> [StyledText] {
        let title: StyledText
        switch page.subject {
        case .help: title = StyledText("Keys", .bold)
        case .activity: title = StyledText("Activity", .bold)
        case .conversation(let run): title = StyledText(run.rawValue, .bold) + runFacts(run)
        }
        let empty = page.isEmpty ? [StyledText("Nothing yet.", .dim)] : []
        return [title, StyledText("")] + empty + page.visible
    }

    private func runFacts(_ run: InstanceID) -> StyledText {
        guard let facts = state.snapshot?.status.instances.first(where: { $0.instance == run }) else {
            return StyledText("  ended", .dim)
        }
        guard facts.status == "running" else { return StyledText("  \(facts.status) (\(facts.trigger))", .dim) }
        let text = facts.statusText.map { "  “\($0)”" } ?? ""
        return StyledText("  running", .green)
            + StyledText(" (\(facts.trigger)) for \(elapsed(since: facts.startedAt))\(text)", .dim)
    }

    private func elapsed(since date: Date) -> String { LiveText.duration(seconds: Int(now.timeIntervalSince(date))) }

    private var starting: [StyledText] {
        let title = StyledText("Action Llama", .bold) + StyledText(" — \(state.facts.project) — Initializing")
        let agents = state.snapshot?.status.agents ?? []
        let mark = Self.spinner[state.beat % Self.spinner.count]
        let isBuilding = agents.contains { $0.state == "building" }
        let width = min(state.size.columns / 2, agents.map { displayWidth(of: $0.name.rawValue) }.max() ?? 0)
        let rows = agents.filter { $0.scale > 0 }.map { agent -> StyledText in
            let name = StyledText(agent.name.rawValue).padded(to: width + 2)
            switch agent.state {
            case "building":
                return StyledText("\(mark) ", .yellow) + name + StyledText(agent.statusText ?? "", .dim)
            case "error": return StyledText("✗ ", .red) + name + StyledText(agent.lastError ?? "", .red)
            default: return (isBuilding ? StyledText("✓ ", .green) : StyledText("○ ", .dim)) + name
            }
        }
        let base = state.snapshot?.status.baseImageStep.map { step in
            [StyledText("\(mark) ", .yellow) + StyledText("base image").padded(to: width + 2) + StyledText(step, .dim)]
        }
        return [title, StyledText("")] + (base ?? []) + rows
    }

    private var overview: [StyledText] {
        let header = LiveHeader(state: state).lines
        let table = LiveTable(state: state, now: now)
        let activity = state.snapshot?.status.activity ?? []
        let room = state.size.rows - 2 - header.count
        let activityRows = Self.activityRows(of: activity.count, besides: table.height, in: room)
        let shown = table.lines(rows: activityRows > 0 ? room - activityRows - 2 : room)
        let recent = activityRows > 0 ? [StyledText(""), StyledText("Recent activity", .bold)] : []
        return header + [StyledText("")] + shown + recent + activity.suffix(activityRows).map(\.line)
    }

    /// What is left of the table, but five lines if there are any; nothing where the table has no room itself.
    private static func activityRows(of count: Int, besides tableRows: Int, in room: Int) -> Int {
        let wanted = min(count, max(5, room - tableRows - 2))
        let leastTable = min(tableRows, 5)
        return max(0, min(wanted, room - 2 - leastTable))
    }
}
