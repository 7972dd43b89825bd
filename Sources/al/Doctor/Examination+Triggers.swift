import Credentials
import Domain
import Foundation
import Project

extension Examination {
    private static let shownFires = 5

    /// The next times of every schedule.
    func scheduleFindings() -> [Finding] {
        activeAgents.compactMap { agent in
            guard let schedule = agent.schedule else { return nil }
            let zone = agent.timezone.flatMap(TimeZone.init(identifier:)) ?? .current
            let fires = schedule.nextFires(Self.shownFires, after: now, in: zone)
            let name = "Agent \(agent.name): \(JSONValue.quoted(schedule.expression))"
            guard !fires.isEmpty else { return Finding(.schedules, .warn, "\(name) never fires") }
            let times = fires.map { $0.clockText(in: zone) }.joined(separator: ", ")
            return Finding(.schedules, .ok, "\(name) in \(zone.identifier): \(times)")
        }
    }

    /// The sources of webhooks, where their senders must point, and whether deliveries are signed.
    func webhookFindings() -> [Finding] {
        project.config.webhooks.sorted { $0.key < $1.key }.map { name, source in
            let users = activeAgents.filter { agent in agent.webhooks.contains { $0.source == name } }.map(
                \.name.rawValue
            )
            let text = "Source \(name): POST /webhooks/\(source.type)"
            guard !users.isEmpty else { return Finding(.webhooks, .warn, "\(text), used by no agent") }
            let used = "starts \(users.joined(separator: ", "))"
            guard let credential = source.credential else {
                guard source.type != "test" else { return Finding(.webhooks, .ok, "\(text), \(used)") }
                let advice = source.allowUnsigned ? "accepts unsigned deliveries from anybody" : "has no credential"
                return Finding(.webhooks, .warn, "\(text), \(used), \(advice)")
            }
            let secret = CredentialCatalog.webhookSecret(of: source.type)?.type ?? source.type
            return Finding(.webhooks, .ok, "\(text), \(used), signed with \(secret):\(credential)")
        }
    }
}
