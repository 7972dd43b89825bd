package import Domain
package import Foundation
package import Storage

/// Values to put into a store.
package enum StoreSamples {
    /// A point in time that all samples count from.
    package static let start = Date(timeIntervalSince1970: 1_800_000_000)

    /// A point in time some seconds after ``start``.
    package static func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    /// An agent's name; the text must be one.
    package static func agent(_ text: String) throws -> AgentName { try AgentName(text) }

    /// The instance of an agent with a small number as its run id.
    package static func instance(_ agent: String, _ number: Int) throws -> InstanceID {
        InstanceID(agent: try AgentName(agent), run: RunID(bits: UInt32(number)))
    }

    /// A run about to be created.
    package static func run(_ agent: String, _ number: Int, at seconds: Double = 0) throws -> NewRun {
        NewRun(
            instance: try instance(agent, number),
            secret: "secret-\(number)",
            trigger: .manual(prompt: nil),
            startedAt: at(seconds),
            configHash: "hash",
            timeout: 900
        )
    }

    /// A work item by hand whose prompt is its id.
    package static func item(
        _ agent: String,
        _ id: String,
        at seconds: Double = 0,
        limit: Int = 100
    ) throws -> NewWorkItem {
        NewWorkItem(
            id: id,
            agent: try AgentName(agent),
            trigger: .manual(prompt: id),
            receivedAt: at(seconds),
            queueLimit: limit
        )
    }

    /// A verified delivery with one work item per agent.
    package static func delivery(
        _ id: String,
        providerID: String? = nil,
        type: String = "github",
        instance: String = "default",
        agents: [String] = ["dev"],
        skipped: [String] = [],
        at seconds: Double = 0,
        limit: Int = 100
    ) throws -> NewDelivery {
        let context: JSONValue = ["source": .string(type), "event": "issues", "number": 7]
        let facts = WebhookTriggerFacts(deliveryID: id, source: type, event: "issues", context: context)
        return NewDelivery(
            id: id,
            type: type,
            matchedInstance: instance,
            providerDeliveryID: providerID,
            receivedAt: at(seconds),
            headers: ["content-type": "application/json"],
            body: Array("{}".utf8),
            context: context,
            event: "issues",
            items: try agents.map {
                NewWorkItem(
                    id: "\(id)-\($0)",
                    agent: try AgentName($0),
                    trigger: .webhook(facts),
                    receivedAt: at(seconds),
                    queueLimit: limit
                )
            },
            skippedAgents: try skipped.map { try AgentName($0) }
        )
    }

    /// A call with the work item that carries it.
    package static func call(
        _ id: String,
        from caller: InstanceID,
        to target: String,
        at seconds: Double = 0,
        limit: Int = 100
    ) throws -> (call: NewCall, item: NewWorkItem) {
        let facts = CallTriggerFacts(callID: id, caller: caller, depth: 1, chain: [caller.agent], context: "please")
        let agent = try AgentName(target)
        return (
            NewCall(id: id, caller: caller, target: agent, depth: 1, createdAt: at(seconds)),
            NewWorkItem(
                id: "item-\(id)",
                agent: agent,
                trigger: .call(facts),
                receivedAt: at(seconds),
                queueLimit: limit
            )
        )
    }
}

extension Store {
    /// Records that a slot fires as a run.
    package func fire(_ run: NewRun, at due: Date) async throws {
        _ = try await decide([SlotDecision(agent: run.instance.agent, due: due, end: .fired(run, catchUp: nil))])
    }

    /// Records that a slot starts nothing.
    package func settle(_ end: SlotEnd, of agent: AgentName, at due: Date) async throws {
        _ = try await decide([SlotDecision(agent: agent, due: due, end: end)])
    }
}
