package import Domain
import FoundationEssentials
import Logging
package import Storage
import Webhooks

extension Scheduler: Intake {
    package var webhookSources: [String: WebhookSourceConfig] { setup.config.webhooks }

    package func accept(_ delivery: VerifiedDelivery) async throws -> DeliveryResult {
        try refuseWhenStopping()
        let time = setup.now()
        let id = delivery.id ?? setup.makeRecordID()
        let verdicts = verdicts(on: delivery)
        var context = delivery.context
        context?["receiptId"] = .string(id)
        let matching = Set(verdicts.lazy.filter(\.isMatch).map(\.agent))
        var items: [NewWorkItem] = []
        var skipped: [AgentName] = []
        if let context, !matching.isEmpty {
            let facts = WebhookTriggerFacts(
                deliveryID: id,
                source: delivery.type,
                event: delivery.event,
                context: context
            )
            for agent in setup.agents where matching.contains(agent.name) {
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
                context: context,
                event: delivery.event,
                items: items,
                skippedAgents: skipped,
                sources: delivery.hearers,
                verdicts: verdicts,
                replay: delivery.replay
            )
        )
        note(result, of: delivery)
        return result
    }

    package func verdicts(on delivery: VerifiedDelivery) -> [TriggerVerdict] {
        guard let context = delivery.context else { return [] }
        return Webhooks.verdicts(
            of: delivery.onlyAgent.map { name in setup.agents.filter { $0.name == name } } ?? setup.agents,
            sources: setup.config.webhooks,
            type: delivery.type,
            hearers: delivery.hearers,
            context: context
        )
    }

    package func reject(_ rejection: RejectedDelivery) async {
        await attempt("storing a rejected delivery") { try await setup.store.reject(rejection) }
    }

    package func noteActivity(_ line: String) {
        board.note("webhook", line, at: setup.now())
        noteChange()
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
        noteActivity("\(delivery.type): dispatched to \(agents)")
        wakeDispatcher()
    }

    func refuseWhenStopping() throws {
        guard isStopping || isHandedOver else { return }
        throw RefusalError(code: .stopping, reason: "scheduler is stopping")
    }
}
