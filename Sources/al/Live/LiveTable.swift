import Domain
import FoundationEssentials
import Scheduler
import Terminal

/// The agents, one or two lines each, in columns that fit the terminal.
struct LiveTable {
    private struct Column {
        let title: String
        /// Those with the highest number are left out first; 0 stays.
        let rank: Int
        var isRight = false
        let cell: (AgentStatus) -> StyledText
    }

    private static let gap = 2
    /// Longest status text or error in cells.
    private static let detailLimit = 120

    let state: LiveState
    let now: Date

    /// The heading and as many agents as fit, the selected one among them.
    func lines(rows: Int) -> [StyledText] {
        let agents = state.agents
        guard !agents.isEmpty else { return [emptySentence] }
        let columns = fitting(agents)
        let window = window(of: agents.map { Self.height(of: $0) }, rows: rows - 1 - filterLine.count)
        let blocks = agents[window].flatMap { block($0, columns) }
        return filterLine + [heading(columns, window, of: agents.count)] + blocks
    }

    /// Lines that the whole table would take.
    var height: Int {
        let agents = state.agents
        return agents.isEmpty ? 1 : filterLine.count + 1 + agents.reduce(0) { $0 + Self.height(of: $1) }
    }

    private static func height(of agent: AgentStatus) -> Int {
        switch agent.state {
        case "running": 2
        case "building": agent.statusText == nil ? 1 : 2
        case "error": agent.lastError == nil ? 1 : 2
        default: 1
        }
    }

    /// What narrows the list, while it does.
    private var filterLine: [StyledText] {
        state.filter.isEmpty ? [] : [StyledText("Only agents with “\(state.filter.text)”; Esc shows all", .yellow)]
    }

    private var emptySentence: StyledText {
        state.filter.isEmpty
            ? StyledText("No agents. Create one with: al agent new", .dim)
            : StyledText("No agent's name contains “\(state.filter.text)”. Esc shows all.", .dim)
    }

    // MARK: Rows in sight

    /// As much as fits around the selected agent.
    private func window(of heights: [Int], rows: Int) -> Range<Int> {
        let chosen = state.agents.firstIndex { $0.name == state.selected } ?? 0
        var range = chosen..<chosen + 1
        var room = rows - heights[chosen]
        var hasGrown = true
        while hasGrown {
            hasGrown = false
            if range.lowerBound > 0, heights[range.lowerBound - 1] <= room {
                room -= heights[range.lowerBound - 1]
                range = range.lowerBound - 1..<range.upperBound
                hasGrown = true
            }
            if range.upperBound < heights.count, heights[range.upperBound] <= room {
                room -= heights[range.upperBound]
                range = range.lowerBound..<range.upperBound + 1
                hasGrown = true
            }
        }
        return range
    }

    private func heading(_ columns: [(Column, Int)], _ window: Range<Int>, of count: Int) -> StyledText {
        let cells = columns.map { column, width in (StyledText(column.title, .dim), width, column.isRight) }
        var line = Self.joined(StyledText("  "), cells)
        if window.count < count {
            line = line + StyledText("  \(window.lowerBound + 1)–\(window.upperBound) of \(count)", .cyan)
        }
        return line
    }

    private func block(_ agent: AgentStatus, _ columns: [(Column, Int)]) -> [StyledText] {
        let isSelected = agent.name == state.selected
        let mark = isSelected ? StyledText("❯ ", .cyan) : StyledText("  ")
        let line = Self.joined(mark, columns.map { column, width in (column.cell(agent), width, column.isRight) })
        return [line] + (detail(of: agent).map { [StyledText("    ") + $0.fitted(to: Self.detailLimit)] } ?? [])
    }

    private static func joined(_ start: StyledText, _ cells: [(text: StyledText, width: Int, isRight: Bool)])
        -> StyledText
    {
        var line = start
        for (index, cell) in cells.enumerated() {
            let filling = StyledText(String(repeating: " ", count: max(0, cell.width - cell.text.width)))
            let text = cell.text.fitted(to: cell.width)
            line = line + (cell.isRight ? filling + text : text + filling)
            if index < cells.count - 1 { line = line + StyledText(String(repeating: " ", count: gap)) }
        }
        return line
    }

    // MARK: Columns

    /// The columns for which there is room, with their widths.
    private func fitting(_ agents: [AgentStatus]) -> [(Column, Int)] {
        var columns = self.columns.map { column in
            (column, max(displayWidth(of: column.title), agents.map { column.cell($0).width }.max() ?? 0))
        }
        columns[0].1 = min(columns[0].1, max(16, state.size.columns / 3))
        let least = min(columns[0].1, 12)
        while true {
            let others = columns.dropFirst().reduce(2) { $0 + $1.1 + Self.gap }
            let room = state.size.columns - others
            if room >= columns[0].1 { return columns }
            guard let last = columns.indices.max(by: { columns[$0].0.rank < columns[$1].0.rank }),
                columns[last].0.rank > 0
            else {
                columns[0].1 = max(least, room)
                return columns
            }
            columns.remove(at: last)
        }
    }

    private var columns: [Column] {
        [
            Column(title: "AGENT", rank: 0, cell: name),
            Column(title: "STATE", rank: 0, cell: status),
            Column(title: "LAST RUN", rank: 4, cell: last),
            Column(title: "NEXT", rank: 1) { agent in
                StyledText(agent.nextRunAt.map { LiveText.until($0, from: now) } ?? "—")
            },
            Column(title: "QUEUE", rank: 2, isRight: true) { StyledText(String($0.queuedItems)) },
            Column(title: "TODAY", rank: 3, cell: today),
            Column(title: "LAST USAGE", rank: 5, cell: usage),
            Column(title: "", rank: 6) { StyledText($0.description ?? "", .dim) },
        ]
    }

    private func name(_ agent: AgentStatus) -> StyledText {
        StyledText(agent.name.rawValue, agent.name == state.selected ? .bold : .plain)
    }

    private func status(_ agent: AgentStatus) -> StyledText {
        switch agent.state {
        case "running":
            let count = agent.scale > 1 ? " \(agent.runningCount)/\(agent.scale)" : ""
            return StyledText("Running\(count)", .green) + StyledText(agent.isEnabled ? "" : ", disabled", .dim)
        case "building": return StyledText("Building", .yellow)
        case _ where !agent.isEnabled: return StyledText("Disabled", .dim)
        case "error": return StyledText("Error", .red)
        default: return StyledText(agent.scale > 1 ? "Idle (×\(agent.scale))" : "Idle")
        }
    }

    private func last(_ agent: AgentStatus) -> StyledText {
        guard let date = agent.lastRunAt else { return StyledText("—") }
        let duration = agent.lastRunDuration.map { " (\(LiveText.duration(seconds: ($0 + 500) / 1000)))" } ?? ""
        return StyledText(LiveText.age(of: date, at: now) + duration)
    }

    private func today(_ agent: AgentStatus) -> StyledText {
        guard let today = state.snapshot?.today[agent.name], today.runs > 0 else { return StyledText("—") }
        let cost = today.cost.map { $0 > 0 ? " \(LiveText.cost($0))" : "" } ?? " $?"
        return StyledText(LiveText.count(today.runs, "run") + cost)
    }

    private func usage(_ agent: AgentStatus) -> StyledText {
        guard let usage = agent.lastRunUsage else { return StyledText("—") }
        let cost = usage.cost.map { $0 > 0 ? " \(LiveText.cost($0))" : "" } ?? ""
        return StyledText("\(LiveText.grouped(usage.total))tok\(cost)")
    }

    // MARK: Second line

    /// What it does and why, or what went wrong.
    private func detail(of agent: AgentStatus) -> StyledText? {
        switch agent.state {
        case "running":
            let run = state.snapshot?.liveRun(of: agent.name)
            let seconds = run.map { Int(now.timeIntervalSince($0.startedAt)) }
            let reason = [
                run?.trigger ?? agent.runReason, seconds.map { "for \(LiveText.duration(seconds: $0))" },
            ].compactMap(\.self).joined(separator: ", ")
            guard let text = agent.statusText else { return StyledText(reason, .dim) }
            return StyledText("“\(text)”") + StyledText("  \(reason)", .dim)
        case "building": return agent.statusText.map { StyledText($0, .dim) }
        case "error": return agent.lastError.map { StyledText($0, .red) }
        default: return nil
        }
    }
}
