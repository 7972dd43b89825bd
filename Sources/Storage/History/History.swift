package import Domain
package import FoundationEssentials
package import OrderedCollections

/// Questions about what a store has kept: nothing here changes anything, and nothing waits for a writer.
///
/// Lists are newest first unless said otherwise. What was pruned is not found.
package protocol History: Receipts {
    /// Runs that fit a query, with the number of all that fit it.
    func runs(_ query: RunQuery) async throws -> RunPage
    /// The newest run of each agent that has ended.
    func lastEndedRuns(of agents: [AgentName]) async throws -> [AgentName: RunRecord]
    /// One run.
    func run(_ id: RunID) async throws -> RunRecord?
    /// When a run changed its state, oldest first.
    func transitions(of run: RunID) async throws -> [RunTransition]
    /// Runs per agent and UTC day since a time, the newest day first, agents by name.
    func summary(of agent: AgentName?, since: Date) async throws -> [RunSummary]
    /// Who called whom how often since a time; with an agent, the calls it made or took.
    func callEdges(of agent: AgentName?, since: Date) async throws -> [CallEdge]
    /// Ends of schedule slots.
    func slots(_ query: SlotQuery) async throws -> SlotPage
    /// Work items that fit a query: waiting ones in queue order (oldest first), others newest first.
    func items(_ query: ItemQuery) async throws -> [WorkItem]
    /// The item a run came from, or one by its id.
    func item(_ id: String) async throws -> WorkItem?
    /// The runs that an item became, the newest first.
    func runs(ofItem id: String) async throws -> [RunRecord]
    /// Waiting items of each agent that has some.
    func queueDepths() async throws -> [AgentName: Int]
    /// How many items were dropped since a time, by reason (`superseded` whatever took their place), the most frequent first.
    func dropped(since: Date) async throws -> OrderedDictionary<String, Int>
    /// USD spent from one time up to another, by one agent or all; both are rounded down to a quarter of an hour.
    func spent(by agent: AgentName?, from: Date, to: Date) async throws -> Double
    /// A call by its id, whoever made it.
    func call(_ id: String) async throws -> CallRecord?
    /// The calls a run made, oldest first.
    func calls(madeBy caller: InstanceID) async throws -> [CallRecord]
    /// The newest calls to an agent.
    func calls(to target: AgentName, limit: Int) async throws -> [CallRecord]
    /// Live locks.
    func locks(at time: Date) async throws -> [LockRecord]
    /// Switches of the scheduler.
    func flags() async throws -> SchedulerFlags
    /// Compares what came in with what became of it, since a time.
    func audit(since: Date) async throws -> Audit
}
