import Credentials
import Domain
import Foundation
import Project
import Webhooks

extension Examination {
    private static let shownFires = 5

    /// The next times of every schedule.
    func scheduleFindings() -> [Finding] {
        activeAgents.compactMap { agent in
            guard let schedule = agent.schedule else { return nil }
            let zone = agent.timezone.flatMap(TimeZone.init(identifier:)) ?? ProcessZone.current.zone
            let fires = schedule.nextFires(Self.shownFires, after: now, in: zone)
            let name = "Agent \(agent.name): \(JSONValue.quoted(schedule.expression))"
            guard !fires.isEmpty else { return Finding(.schedules, .warn, "\(name) never fires") }
            let times = fires.map { $0.clockText(in: zone) }.joined(separator: ", ")
            return Finding(.schedules, .ok, "\(name) in \(agent.timezone ?? zone.identifier): \(times)")
        }
    }

    /// The sources of webhooks, where their senders must point, and whether deliveries are signed.
    func webhookFindings() -> [Finding] {
        // A store that cannot be listed has its own finding.
        let unsigned = (try? context.unsignedSources(of: project)) ?? []
        return project.config.webhooks.sorted { $0.key < $1.key }.map { name, source in
            let users = activeAgents.filter { agent in agent.webhooks.contains { $0.source == name } }.map(
                \.name.rawValue
            )
            let text = "Source \(name): POST /webhooks/\(source.type)"
            guard !users.isEmpty else {
                let isSure = project.agents.count == project.agentDirectories.count
                let doubt = isSure ? "" : ", unless an agent above whose files cannot be used does"
                return Finding(.webhooks, .warn, "\(text), used by no agent\(doubt)")
            }
            let used = "starts \(users.joined(separator: ", "))"
            guard let credential = source.credential else {
                let advice = unsigned.first { $0.name == name }?.description ?? "has no credential"
                return Finding(.webhooks, .warn, "\(text), \(used), \(advice)")
            }
            let secret = CredentialCatalog.webhookSecret(of: source.type)?.type ?? source.type
            guard isStored(secret, credential) else {
                return Finding(.webhooks, .fail, "\(text), \(used), but its secret \(secret):\(credential) is missing")
            }
            return Finding(.webhooks, .ok, "\(text), \(used), signed with \(secret):\(credential)")
        }
    }

    /// Whether a secret is there; one that cannot be read has its own finding.
    private func isStored(_ type: String, _ instance: String) -> Bool {
        (try? context.store.exists(type: type, instance: instance)) ?? true
    }
}
