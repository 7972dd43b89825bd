import Domain

/// What a key asks the scheduler for.
enum LiveAction: Hashable, Sendable {
    case run(AgentName)
    case setPaused(Bool)
    case setEnabled(Bool, AgentName)
    case kill(AgentName)
    /// Show the conversation of its live run, else of its last.
    case open(AgentName)
    /// End the scheduler as Ctrl+C does.
    case stop
    /// Paint everything anew.
    case repaint
}
