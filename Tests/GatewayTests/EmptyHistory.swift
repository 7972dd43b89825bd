import Domain
import Foundation
import OrderedCollections
import Storage

/// A history in which nothing ever happened.
struct EmptyHistory: History {
    func runs(_ query: RunQuery) -> RunPage { RunPage(runs: [], total: 0) }
    func lastEndedRuns(of agents: [AgentName]) -> [AgentName: RunRecord] { [:] }
    func run(_ id: RunID) -> RunRecord? { nil }
    func transitions(of run: RunID) -> [RunTransition] { [] }
    func summary(of agent: AgentName?, since: Date) -> [RunSummary] { [] }
    func callEdges(of agent: AgentName?, since: Date) -> [CallEdge] { [] }
    func slots(_ query: SlotQuery) -> SlotPage { SlotPage(slots: [], next: nil) }
    func items(_ query: ItemQuery) -> [WorkItem] { [] }
    func item(_ id: String) -> WorkItem? { nil }
    func runs(ofItem id: String) -> [RunRecord] { [] }
    func queueDepths() -> [AgentName: Int] { [:] }
    func dropped(since: Date) -> OrderedDictionary<String, Int> { [:] }
    func spent(by agent: AgentName?, from: Date, to: Date) -> Double { 0 }
    func call(_ id: String) -> CallRecord? { nil }
    func calls(madeBy caller: InstanceID) -> [CallRecord] { [] }
    func calls(to target: AgentName, limit: Int) -> [CallRecord] { [] }
    func receipts(_ query: ReceiptQuery) -> ReceiptPage { ReceiptPage(receipts: [], next: nil) }
    func receipt(_ id: String) -> Receipt? { nil }
    func body(ofReceipt id: String) -> [UInt8]? { nil }
    func locks(at time: Date) -> [LockRecord] { [] }
    func flags() -> SchedulerFlags { SchedulerFlags() }
    func audit(since: Date) -> Audit { Audit() }
}
