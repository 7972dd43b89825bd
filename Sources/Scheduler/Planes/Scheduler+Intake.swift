package import Domain
import FoundationEssentials
import Logging
package import Storage
import Webhooks

extension Scheduler: Intake {
    package nonisolated var webhookSources: [String: WebhookSourceConfig] { setup.config.webhooks }

    package func accept(_ delivery: VerifiedDelivery) async throws -> DeliveryResult {
        try refuseWhenStopping()
        events.send(.webhookReceived(source: delivery.type, event: delivery.event))
        let time = setup.now()
        let id = delivery.id ?? setup.makeRecordID()
        let verdicts = verdicts(on: delivery)
        var context = delivery.context
        context?["receiptId"] = .string(id)
        var items: [NewWorkItem] = []
        var skipped: [AgentName] = []
        if let context, verdicts.contains(where: \.isMatch) {
            let facts = WebhookTriggerFacts(
                deliveryID: id,
                source: delivery.type,
                event: delivery.event,
                context: context
            )
            for agent in roster where agent.scale > 0 {
                guard let heard = verdicts.first(where: { $0.isMatch && $0.agent == agent.name })?.trigger else {
                    continue
                }
                if isEnabled(agent) {
                    let isReplay = delivery.replay != nil
                    items.append(webhookItem(of: agent, agent.webhooks[heard], facts, isReplay: isReplay, at: time))
                } else {
                    skipped.append(agent.name)
                }
            }
        }
        let new = NewDelivery(
            id: id,
            type: delivery.type,
            matchedInstance: delivery.matchedInstance,
            providerDeliveryID: delivery.providerDeliveryID,
            hasIDOfItsSource: delivery.hasIDOfItsSource,
            receivedAt: time,
            headers: delivery.headers,
            body: delivery.body,
            context: context,
            event: delivery.event,
            items: items,
            skippedAgents: skipped,
            sources: delivery.hearers,
            verdicts: verdicts,
            replay: delivery.replay
        )
        let result = try await refusingFullQueue { try await setup.store.record(new) }
        note(result, of: delivery, for: items.map(\.agent))
        for agent in result.depths.keys { await settleRemoval(of: agent) }
        return result
    }

    package func verdicts(on delivery: VerifiedDelivery) -> [TriggerVerdict] {
        guard let context = delivery.context else { return [] }
        return Webhooks.verdicts(
            of: delivery.onlyAgent.map { name in roster.filter { $0.name == name } } ?? roster,
            sources: setup.config.webhooks,
            type: delivery.type,
            hearers: delivery.hearers,
            context: context
        )
    }

    /// Drops what was stored behind the last look at the queue of an agent that was being removed.
    func settleRemoval(of agent: AgentName) async {
        guard agents[agent] == nil else { return }
        await attempt("dropping the queue of a removed agent") { try await dropQueue(ofRemoved: agent) }
    }

    package func reject(_ rejection: RejectedDelivery) async {
        await attempt("storing a rejected delivery") { try await setup.store.reject(rejection) }
    }

    package func noteActivity(_ line: String) {
        board.note("webhook", line, at: setup.now())
        noteChange()
    }

    /// An item with the agent's policies for webhooks.
    private func webhookItem(
        of agent: AgentConfig,
        _ trigger: WebhookTriggerConfig,
        _ facts: WebhookTriggerFacts,
        isReplay: Bool,
        at time: Date
    ) -> NewWorkItem {
        var item = newItem(of: agent, trigger: .webhook(facts), at: time)
        item.key = agent.concurrencyKey.flatMap { ConcurrencyKey($0).value(in: facts.context) }
        // What an operator orders again stands beside what waits, not in its place.
        guard !isReplay else { return item }
        item.debounce = agent.debounce
        if let key = item.key {
            item.group = "key:\(key)"
        } else if agent.debounce != nil {
            item.group = "source:\(trigger.source)"
        }
        return item
    }

    func newItem(of agent: AgentConfig, trigger: Trigger, at time: Date) -> NewWorkItem {
        NewWorkItem(
            id: setup.makeRecordID(),
            agent: agent.name,
            trigger: trigger,
            receivedAt: time,
            queueLimit: agent.workQueueSize,
            overflow: agent.overflow
        )
    }

    private func note(_ result: DeliveryResult, of delivery: VerifiedDelivery, for targets: [AgentName]) {
        setup.logger.info(
            "webhook dispatched",
            metadata: [
                "source": .string(delivery.type), "event": .string(delivery.event),
                "matched": .stringConvertible(result.matched), "skipped": .stringConvertible(result.skipped),
            ]
        )
        for (agent, depth) in result.depths.sorted(by: { $0.key < $1.key }) where !pool.canStart(agent) {
            let facts: Logger.Metadata = ["agent": .string(agent.rawValue), "queueSize": .stringConvertible(depth)]
            setup.logger.info("webhook queued", metadata: facts)
        }
        report(dropped: result.dropped)
        guard result.matched > 0 else { return }
        events.send(.webhookDispatched(source: delivery.type, agents: targets))
        let agents = result.matched == 1 ? "1 agent" : "\(result.matched) agents"
        noteActivity("\(delivery.type): dispatched to \(agents)")
        let started = result.depths.keys.compactMap { self.agents[$0] }
        if started.contains(where: { $0.debounce != nil }) { dueChanges.notify() }
        // While paused, each event would wake it in vain.
        if started.contains(where: { claimRule(of: $0) == .any }) { wakeDispatcher() }
    }

    /// Lets a queue that refuses say so to whoever asked.
    func refusingFullQueue<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as StorageError where error.code == .queueFull {
            throw RefusalError(code: .conflict, reason: error.message)
        }
    }

    func refuseWhenStopping() throws {
        guard !takesWork else { return }
        throw RefusalError(code: .stopping, reason: "scheduler is stopping")
    }
}
