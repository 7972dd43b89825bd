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
        var findings = needs.references.flatMap { reference in
            collected { () throws(CredentialError) in try neededFindings(of: reference, needs) }
        }
        if needs.references.isEmpty {
            findings.append(Finding(.credentials, .ok, "No agent needs a credential"))
        }
        findings += needs.clashes(in: context.store).map { Finding(.credentials, .fail, "\($0)") }
        for reference in needs.references {
            findings += collected { () throws(CredentialError) in try shadowFindings(of: reference, needs) }
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
        _ needs: CredentialNeeds
    ) throws(CredentialError) -> [Finding] {
        let type = CredentialCatalog.standard.type(reference.type)
        let label = type?.label ?? reference.type
        let gaps = try needs.gaps(of: reference, in: context.store)
        var findings = gaps.map { finding(of: $0, label, needs) }
        for (instance, agents) in try needs.instances(of: reference, in: context.store) {
            let stored = CredentialReference.toStored(reference.type, instance)
            guard !gaps.contains(where: { $0.field == nil || $0.stored == stored }) else { continue }
            let users = instance == "default" || instance == reference.instance ? "" : ", own one of \(agents[0])"
            findings.append(Finding(.credentials, .ok, "\(label) (\(stored))\(users)"))
            let values = try context.store.read(type: reference.type, instance: instance) ?? [:]
            // Written by hand: al creds add would have refused it.
            if let problem = type?.problem(with: values) {
                findings.append(Finding(.credentials, .warn, "\(stored): \(problem). Run: al creds add \(stored)"))
            }
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

    /// Agents with an instance of their own where a shared one is stored as well.
    private func shadowFindings(
        of reference: CredentialReference,
        _ needs: CredentialNeeds
    ) throws(CredentialError) -> [Finding] {
        let type = reference.type
        guard reference.instance == nil, try context.store.exists(type: type, instance: "default") else { return [] }
        return try needs.instances(of: reference, in: context.store).filter { $0.instance != "default" }.map {
            let text = "Agent \($0.agents[0]) uses its own \(type):\($0.instance), not the shared \(type)"
            return Finding(.credentials, .warn, text)
        }
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
