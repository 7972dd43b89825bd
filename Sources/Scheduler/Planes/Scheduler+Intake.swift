package import Domain
import FoundationEssentials
import Logging
package import Storage

extension Scheduler: Intake {
    package var webhookSources: [String: WebhookSourceConfig] { setup.config.webhooks }

    package func accept(_ delivery: VerifiedDelivery) async throws -> DeliveryResult {
        try refuseWhenStopping()
        events.send(.webhookReceived(source: delivery.type, event: delivery.event))
        let time = setup.now()
        let id = setup.makeRecordID()
        var items: [NewWorkItem] = []
        var skipped: [AgentName] = []
        if let context = delivery.context {
            let facts = WebhookTriggerFacts(
                deliveryID: id,
                source: delivery.type,
                event: delivery.event,
                context: context
            )
            for agent in roster where agent.scale > 0 {
                guard let heard = trigger(of: agent, hearing: delivery, context) else { continue }
                if isEnabled(agent) {
                    items.append(webhookItem(of: agent, heard, facts, at: time))
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
            receivedAt: time,
            headers: delivery.headers,
            body: delivery.body,
            context: delivery.context,
            event: delivery.event,
            items: items,
            skippedAgents: skipped
        )
        let result = try await refusingFullQueue { try await setup.store.record(new) }
        note(result, of: delivery, for: items.map(\.agent))
        return result
    }

    /// The first of the agent's triggers that a delivery fits.
    private func trigger(
        of agent: AgentConfig,
        hearing delivery: VerifiedDelivery,
        _ context: JSONValue
    ) -> WebhookTriggerConfig? {
        agent.webhooks.first { trigger in
            WebhookBinding(delivery: delivery, sources: setup.config.webhooks).accepts(trigger.source)
                && setup.matches(trigger, delivery.type, context)
        }
    }

    /// An item with the agent's policies for webhooks.
    private func webhookItem(
        of agent: AgentConfig,
        _ trigger: WebhookTriggerConfig,
        _ facts: WebhookTriggerFacts,
        at time: Date
    ) -> NewWorkItem {
        var item = newItem(of: agent, trigger: .webhook(facts), at: time)
        item.key = agent.concurrencyKey.flatMap { ConcurrencyKey($0).value(in: facts.context) }
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
                "source": "\(delivery.type)", "matched": .stringConvertible(result.matched),
                "skipped": .stringConvertible(result.skipped),
            ]
        )
        report(dropped: result.dropped)
        guard result.matched > 0 else { return }
        events.send(.webhookDispatched(source: delivery.type, agents: targets))
        let agents = result.matched == 1 ? "1 agent" : "\(result.matched) agents"
        board.note("webhook", "\(delivery.type): dispatched to \(agents)", at: setup.now())
        noteChange()
        dueChanges.notify()
        wakeDispatcher()
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
        guard isStopping || isHandedOver else { return }
        throw RefusalError(code: .stopping, reason: "scheduler is stopping")
    }
}

/// Decides which sources hear a delivery.
struct WebhookBinding {
    /// What stands for the credential instance of a delivery without signature.
    static let unsigned = "_unsigned"

    var delivery: VerifiedDelivery
    var sources: [String: WebhookSourceConfig]

    /// Whether the source takes part and accepts the instance whose secret fitted.
    func accepts(_ name: String) -> Bool {
        guard let source = sources[name], source.type == delivery.type else { return false }
        guard delivery.source == nil || delivery.source == name else { return false }
        guard delivery.matchedInstance == Self.unsigned else {
            return source.credential == nil || source.credential == delivery.matchedInstance
        }
        // Where one source says that it takes unsigned deliveries, the others of its type do not hear them.
        let anyAllows = sources.values.contains { $0.type == delivery.type && $0.credential == nil && $0.allowUnsigned }
        return source.credential == nil && (source.allowUnsigned || !anyAllows)
    }
}
