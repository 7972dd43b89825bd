import Credentials
import Domain
import Foundation
import Project

extension Examination {
    /// Every credential that a run or a webhook source needs, the gateway's key, and what others can read or nobody.
    func credentialFindings() -> [Finding] {
        neededCredentialFindings() + context.store.secrets().warnings.map { Finding(.credentials, .warn, $0) }
    }

    private func neededCredentialFindings() -> [Finding] {
        let needs = CredentialNeeds(agents: project.agents, config: project.config)
        let uses = needs.references.flatMap { reference in
            needs.agents(needing: reference).map { (reference: reference, agent: $0) }
        }
        var findings = uses.flatMap { use in
            collected { () throws(CredentialError) in try neededFindings(of: use.reference, for: use.agent, needs) }
        }
        if needs.references.isEmpty {
            findings.append(Finding(.credentials, .ok, "No agent needs a credential"))
        }
        findings += needs.clashes(in: context.store).map { Finding(.credentials, .fail, "\($0)") }
        for (reference, agent) in uses {
            findings += collected { () throws(CredentialError) in try shadowFindings(of: reference, for: agent) }
        }
        findings += provisioningFindings() + uselessFindings() + openFindings()
        findings += collected { () throws(CredentialError) in try gatewayKeyFindings(context.store) }
        var seen: Set<String> = []
        // A bare type and an instance by its name may be the same, and one obstacle may stand in the way of several checks.
        return findings.filter { seen.insert($0.text).inserted }
    }

    /// What a check found, or what kept it from looking: that leaves the other checks to be made.
    private func collected(_ check: () throws(CredentialError) -> [Finding]) -> [Finding] {
        do throws(CredentialError) {
            return try check()
        } catch {
            let repair = error.code == .exposed ? closing(context.store) : nil
            return [Finding(.credentials, .fail, "\(error)", repair: repair)]
        }
    }

    /// What is there, by the instance that is meant, and what is not.
    private func neededFindings(
        of reference: CredentialReference,
        for agent: AgentName,
        _ needs: CredentialNeeds
    ) throws(CredentialError) -> [Finding] {
        let type = CredentialCatalog.standard.type(reference.type)
        let label = type?.label ?? reference.type
        if let gap = try needs.gap(of: reference, for: agent, in: context.store) {
            return [finding(of: gap, label, needs)]
        }
        let instance = try context.store.resolve(reference, for: agent)
        let stored = CredentialReference.toStored(reference.type, instance)
        let isShared = instance == "default" || instance == reference.instance
        let user = isShared ? "" : ", own one of \(reference.owner ?? agent.rawValue)"
        var findings = [Finding(.credentials, .ok, "\(label) (\(stored))\(user)")]
        let values = try context.store.read(type: reference.type, instance: instance) ?? [:]
        // Written by hand: al creds add would have refused it.
        if let problem = type?.problem(with: values) {
            findings.append(Finding(.credentials, .warn, "\(stored): \(problem). Run: al creds add \(stored)"))
        }
        return findings
    }

    private func finding(of gap: CredentialNeeds.Gap, _ label: String, _ needs: CredentialNeeds) -> Finding {
        let text =
            gap.field.map { "\(CredentialError.incomplete(gap.stored, field: $0))" }
            ?? "[MISSING] \(label) (\(gap.reference))\(needs.purpose(of: gap.reference)). "
            + "Run: al creds add \(gap.stored)"
        return Finding(.credentials, .fail, text, repair: CredentialRepair.adding(gap.stored))
    }

    /// An agent with an instance of its own where a shared one is stored as well.
    private func shadowFindings(
        of reference: CredentialReference,
        for agent: AgentName
    ) throws(CredentialError) -> [Finding] {
        let type = reference.type
        guard reference.instance == nil, try context.store.exists(type: type, instance: "default") else { return [] }
        let instance = try context.store.resolve(reference, for: agent)
        guard instance != "default" else { return [] }
        let text = "Agent \(agent) uses its own \(type):\(instance), not the shared \(type)"
        return [Finding(.credentials, .warn, text)]
    }

    /// Modes of the store that are wider than necessary.
    private func openFindings() -> [Finding] {
        let paths = context.store.widelyOpenPaths()
        guard let first = paths.first else { return [] }
        let more = paths.count == 1 ? "" : " and \(paths.count - 1) more"
        let text =
            "The modes of \(first)\(more) are wider than those of a private store. "
            + "Run: chmod -R go= \(context.store.root)"
        return [Finding(.credentials, .warn, text, repair: closing(context.store))]
    }

    /// Keys with which an agent could create or delete machines.
    private func provisioningFindings() -> [Finding] {
        activeAgents.flatMap { agent in
            agent.credentials.filter { CredentialCatalog.standard.type($0.type)?.exposure == .provisioning }.map {
                Finding(.credentials, .warn, "Agent \(agent.name) could create or delete machines with \($0)")
            }
        }
    }

    /// Secrets that are put in only on the way to hosts which are not listed.
    private func uselessFindings() -> [Finding] {
        activeAgents.flatMap { agent in
            agent.credentials.filter(\.isBrokered).compactMap { reference in
                let hosts = CredentialCatalog.standard.type(reference.type)?.brokerage?.hosts ?? []
                guard let network = agent.network, Set(network.allow).isDisjoint(with: hosts) else { return nil }
                let names = hosts.joined(separator: ", ")
                let text = "Agent \(agent.name) cannot use \(reference): network.allow has none of its hosts (\(names))"
                return Finding(.credentials, .warn, text)
            }
        }
    }

    private func gatewayKeyFindings(_ store: CredentialStore) throws(CredentialError) -> [Finding] {
        guard mayWrite else {
            let exists = try store.exists(type: "gateway_api_key", instance: "default")
            return exists
                ? [Finding(.credentials, .ok, "Gateway API key")]
                : [Finding(.credentials, .warn, "There is no gateway API key yet; al start makes one")]
        }
        let key = try GatewayKey.loadOrCreate(in: store, randomBytes: RandomText.bytes)
        let text = key.isNew ? "Gateway API key: \(key.value) (keep it for the dashboard)" : "Gateway API key"
        return [Finding(.credentials, .ok, text)]
    }

    private func closing(_ store: CredentialStore) -> Finding.Repair {
        Finding.Repair(question: "Take everybody else's access to \(store.root) away?") {
            try FileAccessRights.close(store.root)
            return "Only you can read \(store.root) now"
        }
    }
}
