import Domain
import Foundation
import OrderedCollections
import Storage

/// A history that cannot be read.
struct BrokenHistory: History {
    private func fail<Value>() throws -> Value {
        throw StorageError(code: .corrupt, message: "cannot read /secret path/state.db")
    }

    func runs(_ query: RunQuery) throws -> RunPage { try fail() }
    func lastEndedRuns(of agents: [AgentName]) throws -> [AgentName: RunRecord] { try fail() }
    func run(_ id: RunID) throws -> RunRecord? { try fail() }
    func transitions(of run: RunID) throws -> [RunTransition] { try fail() }
    func summary(of agent: AgentName?, since: Date) throws -> [RunSummary] { try fail() }
    func callEdges(of agent: AgentName?, since: Date) throws -> [CallEdge] { try fail() }
    func slots(_ query: SlotQuery) throws -> SlotPage { try fail() }
    func items(_ query: ItemQuery) throws -> [WorkItem] { try fail() }
    func item(_ id: String) throws -> WorkItem? { try fail() }
    func runs(ofItem id: String) throws -> [RunRecord] { try fail() }
    func queueDepths() throws -> [AgentName: Int] { try fail() }
    func dropped(since: Date) throws -> OrderedDictionary<String, Int> { try fail() }
    func spent(by agent: AgentName?, from: Date, to: Date) throws -> Double { try fail() }
    func call(_ id: String) throws -> CallRecord? { try fail() }
    func calls(madeBy caller: InstanceID) throws -> [CallRecord] { try fail() }
    func calls(to target: AgentName, limit: Int) throws -> [CallRecord] { try fail() }
    func receipts(_ query: ReceiptQuery) throws -> ReceiptPage { try fail() }
    func receipt(_ id: String) throws -> Receipt? { try fail() }
    func body(ofReceipt id: String) throws -> [UInt8]? { try fail() }
    func locks(at time: Date) throws -> [LockRecord] { try fail() }
    func flags() throws -> SchedulerFlags { try fail() }
    func audit(since: Date) throws -> Audit { try fail() }
}
