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
        let store = context.store
        do throws(CredentialError) {
            let needs = CredentialNeeds(agents: project.agents, config: project.config)
            var findings = try neededFindings(needs)
            if needs.references.isEmpty {
                findings.append(Finding(.credentials, .ok, "No agent needs a credential"))
            }
            findings += try needs.clashes(in: store).map { Finding(.credentials, .fail, "\($0)") }
            findings += try shadowFindings(needs)
            findings += provisioningFindings() + uselessFindings() + openFindings()
            return findings + (try gatewayKeyFindings(store))
        } catch let error where error.code == .exposed {
            return [Finding(.credentials, .fail, "\(error)", repair: closing(store))]
        } catch {
            return [Finding(.credentials, .fail, "\(error)")]
        }
    }

    /// What is there, by the instance that is meant, and what is not.
    private func neededFindings(_ needs: CredentialNeeds) throws(CredentialError) -> [Finding] {
        let gaps = try needs.gaps(in: context.store)
        var findings: [Finding] = []
        for reference in needs.references {
            let label = CredentialCatalog.standard.type(reference.type)?.label ?? reference.type
            let own = gaps.filter { $0.reference == reference }
            findings += own.map { finding(of: $0, label, needs) }
            for (instance, agents) in try needs.instances(of: reference, in: context.store) {
                let stored = CredentialReference.toStored(reference.type, instance)
                guard !own.contains(where: { $0.field == nil || $0.stored == stored }) else { continue }
                let users = instance == "default" || instance == reference.instance ? "" : ", own one of \(agents[0])"
                let text = "\(label) (\(stored))\(users)"
                // A bare type and an instance by its name may be the same.
                if !findings.contains(where: { $0.text == text }) { findings.append(Finding(.credentials, .ok, text)) }
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
    private func shadowFindings(_ needs: CredentialNeeds) throws(CredentialError) -> [Finding] {
        var findings: [Finding] = []
        for reference in needs.references where reference.instance == nil {
            let type = reference.type
            guard try context.store.exists(type: type, instance: "default") else { continue }
            for (instance, agents) in try needs.instances(of: reference, in: context.store) where instance != "default"
            {
                let text = "Agent \(agents[0]) uses its own \(type):\(instance), not the shared \(type)"
                findings.append(Finding(.credentials, .warn, text))
            }
        }
        return findings
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
