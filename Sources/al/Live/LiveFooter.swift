import Terminal

/// The last line: a question, what came of an order, what is typed, or the keys.
struct LiveFooter {
    private struct Hint {
        let key: String
        let what: String
        /// Those with the highest number are left out first.
        var rank: Int

        var width: Int { displayWidth(of: key) + 1 + displayWidth(of: what) }
    }

    let state: LiveState

    /// The line, not yet cut to the terminal.
    var line: StyledText {
        if let question = state.question { return text(question) }
        if let notice = state.notice { return notice }
        if state.isFiltering {
            let typed = StyledText("/", .bold) + StyledText(state.filter.text) + StyledText(" ", .inverse)
            return typed + StyledText("  Enter keeps it, Esc shows all", .dim)
        }
        if let page = state.page { return scroll(page) }
        if state.isInitializing {
            let work = state.isBuilding ? "Building Docker images" : "Starting"
            return StyledText("\(work)... Ctrl+C to cancel", .dim)
        }
        return hints(Self.overview)
    }

    private func text(_ question: LiveState.Question) -> StyledText {
        let sentence =
            switch question {
            case .kill(let agent): "Kill all runs of \(agent)?"
            case .stop: "Stop the scheduler? The next al start adopts agents that run."
            }
        return StyledText(sentence + " ", .yellow) + StyledText("y/n", .bold)
    }

    private static let overview = [
        Hint(key: "↑↓", what: "select", rank: 3), Hint(key: "Enter", what: "open", rank: 2),
        Hint(key: "r", what: "run", rank: 4), Hint(key: "space", what: "enable/disable", rank: 6),
        Hint(key: "p", what: "pause", rank: 5), Hint(key: "k", what: "kill", rank: 7),
        Hint(key: "/", what: "filter", rank: 8), Hint(key: "a", what: "activity", rank: 9),
        Hint(key: "?", what: "help", rank: 0), Hint(key: "Ctrl+C", what: "stop", rank: 1),
    ]

    private func scroll(_ page: LivePage) -> StyledText {
        var list = [Hint(key: "↑↓ PgUp PgDn", what: "scroll", rank: 2)]
        if page.subject != .help { list.append(Hint(key: "End", what: "follow", rank: 3)) }
        list.append(Hint(key: "Esc", what: "back", rank: 0))
        let below = page.hidden.below
        if below > 0 { return hints(list) + StyledText("  \(below) more below", .yellow) }
        return hints(list) + StyledText(page.isFollowing ? "  following" : "", .green)
    }

    /// As many as fit, the most needed ones.
    private func hints(_ list: [Hint]) -> StyledText {
        var room = state.size.columns
        var kept: Set<Int> = []
        for hint in list.sorted(by: { $0.rank < $1.rank }) {
            room -= hint.width + (kept.isEmpty ? 0 : 2)
            guard room >= 0 else { break }
            kept.insert(hint.rank)
        }
        return list.filter { kept.contains($0.rank) }.enumerated().reduce(StyledText("")) { line, hint in
            line + StyledText(hint.offset == 0 ? "" : "  ") + StyledText(hint.element.key, .bold)
                + StyledText(" \(hint.element.what)", .dim)
        }
    }
}
