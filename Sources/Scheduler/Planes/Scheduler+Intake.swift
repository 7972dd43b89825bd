package import Domain
import FoundationEssentials
import Logging
package import Storage

extension Scheduler: Intake {
    package var webhookSources: [String: WebhookSourceConfig] { setup.config.webhooks }

    package func accept(_ delivery: VerifiedDelivery) async throws -> DeliveryResult {
        try refuseWhenStopping()
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
            for agent in setup.agents where agent.scale > 0 && hears(agent, delivery, context) {
                if isEnabled(agent) {
                    items.append(newItem(of: agent, trigger: .webhook(facts), at: time))
                } else {
                    skipped.append(agent.name)
                }
            }
        }
        let result = try await setup.store.record(
            NewDelivery(
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
        )
        note(result, of: delivery)
        return result
    }

    private func hears(_ agent: AgentConfig, _ delivery: VerifiedDelivery, _ context: JSONValue) -> Bool {
        agent.webhooks.contains { trigger in
            WebhookBinding(delivery: delivery, sources: setup.config.webhooks).accepts(trigger.source)
                && setup.matches(trigger, delivery.type, context)
        }
    }

    func newItem(of agent: AgentConfig, trigger: Trigger, at time: Date) -> NewWorkItem {
        NewWorkItem(
            id: setup.makeRecordID(),
            agent: agent.name,
            trigger: trigger,
            receivedAt: time,
            queueLimit: agent.workQueueSize
        )
    }

    private func note(_ result: DeliveryResult, of delivery: VerifiedDelivery) {
        setup.logger.info(
            "webhook dispatched",
            metadata: [
                "source": "\(delivery.type)", "matched": .stringConvertible(result.matched),
                "skipped": .stringConvertible(result.skipped),
            ]
        )
        for item in result.dropped { report(dropped: item) }
        guard result.matched > 0 else { return }
        let agents = result.matched == 1 ? "1 agent" : "\(result.matched) agents"
        board.note("webhook", "\(delivery.type): dispatched to \(agents)", at: setup.now())
        noteChange()
        wakeDispatcher()
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
