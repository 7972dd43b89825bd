import Domain

/// The runners of all agents and the gate of the project.
struct RunnerPool {
    /// An agent that got fewer runners than it asked for.
    struct Reduction: Hashable {
        var agent: AgentName
        var requested: Int
        var reduced: Int
    }

    /// Most runs at once in the project.
    let limit: Int?
    private(set) var scales: [AgentName: Int] = [:]
    private(set) var reductions: [Reduction] = []
    /// What the agents ask for.
    private var requests: [AgentName: Int]
    private var busy: [AgentName: Int] = [:]
    /// Occupied runners of all agents.
    private(set) var total = 0

    /// Shares the project's limit among the agents in the order of their names; each active one keeps at least one runner.
    init(agents: [AgentConfig], limit: Int?) {
        self.limit = limit
        requests = Dictionary(agents.map { ($0.name, $0.scale) }, uniquingKeysWith: { first, _ in first })
        share()
    }

    /// Gives an agent another number of runners, or none (`nil` = there is no such agent any more); the limit is shared anew
    /// among all, and busy ones that are too many go when they are free.
    mutating func setScale(of agent: AgentName, to requested: Int?) {
        requests[agent] = requested
        share()
    }

    private mutating func share() {
        scales = [:]
        reductions = []
        var remaining = limit ?? .max
        for (agent, requested) in requests.sorted(by: { $0.key < $1.key }) {
            let granted = requested == 0 ? 0 : max(1, min(requested, remaining))
            remaining = max(0, remaining - granted)
            scales[agent] = granted
            guard granted < requested else { continue }
            reductions.append(Reduction(agent: agent, requested: requested, reduced: granted))
        }
    }

    var isGateOpen: Bool { limit.map { total < $0 } ?? true }

    func running(_ agent: AgentName) -> Int { busy[agent] ?? 0 }

    func idle(_ agent: AgentName) -> Int { max(0, (scales[agent] ?? 0) - running(agent)) }

    /// Whether a run of this agent could start now.
    ///
    /// An agent of scale 0 can never.
    func canStart(_ agent: AgentName) -> Bool { isGateOpen && idle(agent) > 0 }

    /// Occupies a runner if one is free and the gate lets it pass.
    mutating func take(_ agent: AgentName) -> Bool {
        guard canStart(agent) else { return false }
        occupy(agent)
        return true
    }

    /// Occupies a runner for a run that already exists, whatever the limits say today.
    mutating func occupy(_ agent: AgentName) {
        busy[agent, default: 0] += 1
        total += 1
    }

    mutating func free(_ agent: AgentName) {
        guard let count = busy[agent], count > 0 else { return }
        busy[agent] = count - 1
        total -= 1
    }
}
