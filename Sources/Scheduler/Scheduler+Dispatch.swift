import Domain
import FoundationEssentials
import Logging
import Storage

extension Scheduler {
    /// Gives waiting items to idle runners until no more fit: each agent first in, first out, and among agents the item that
    /// waits longest.
    func dispatch() async {
        guard isDispatchOpen else { return }
        while !isStopping, !isHandedOver, pool.isGateOpen, !Task.isCancelled {
            do {
                guard try await dispatchOnce() else { return }
            } catch {
                guard !Task.isCancelled else { return }
                setup.logger.error("queue could not be read", metadata: ["error": "\(error)"])
                // The store may recover; without this wait a full disk would make a busy loop.
                guard (try? await setup.clock.sleep(for: .seconds(1))) != nil else { return }
            }
        }
    }

    /// One round; returns whether anything was claimed, so that another round may find more.
    private func dispatchOnce() async throws -> Bool {
        let depths = try await setup.store.queueDepths()
        var candidates: [WorkItem] = []
        for name in depths.keys where pool.canStart(name) && isReady(name) {
            guard let agent = agents[name] else { continue }
            let waiting = try await setup.store.waitingItems(of: name)
            let ready = waiting.prefix { mayStart($0, agent: agent) }
            candidates += ready.prefix(pool.idle(name))
        }
        candidates.sort { ($0.receivedAt, $0.agent) < ($1.receivedAt, $1.agent) }
        var hasClaimed = false
        for item in candidates where !isStopping && !isHandedOver && pool.isGateOpen {
            guard let agent = agents[item.agent], try await claimNext(of: agent) != nil else { continue }
            hasClaimed = true
        }
        return hasClaimed
    }

    private func mayStart(_ item: WorkItem, agent: AgentConfig) -> Bool {
        item.trigger.kind == .manual || (isEnabled(agent) && !flags.isPaused)
    }

    /// Turns the agent's oldest item into a run; `nil` when there is no runner or no item.
    func claimNext(of agent: AgentConfig) async throws -> RunRecord? {
        guard pool.take(agent.name) else { return nil }
        let record: RunRecord?
        do {
            record = try await setup.store.claimNext(
                of: agent.name,
                as: newRun(of: agent, trigger: .manual(prompt: nil)),
                rule: .any
            )
        } catch {
            pool.free(agent.name)
            throw error
        }
        guard let record else {
            pool.free(agent.name)
            return nil
        }
        logDraining(record)
        enlist(record, agent: agent, handle: nil)
        noteChange()
        return record
    }

    private func logDraining(_ record: RunRecord) {
        let what: Logger.Message =
            record.trigger.kind == .webhook ? "draining queued webhook" : "draining queued trigger"
        let age = Int((record.startedAt.timeIntervalSince(record.queuedAt) * 1000).rounded())
        setup.logger.info(
            what,
            metadata: ["agent": "\(record.instance.agent)", "ageMs": .stringConvertible(age)]
        )
    }

    /// Says loudly that accepted work had to make room.
    func report(dropped item: WorkItem?) {
        guard let item else { return }
        setup.logger.warning(
            "queue full, oldest event dropped",
            metadata: ["agent": "\(item.agent)", "item": "\(item.id)", "delivery": "\(item.deliveryID ?? "")"]
        )
        board.note(item.agent.rawValue, "queue full, oldest event dropped", at: setup.now())
        noteChange()
    }
}

extension WorkItem {
    /// The delivery it came with, if any.
    var deliveryID: String? { if case .webhook(let facts) = trigger { facts.deliveryID } else { nil } }
}
