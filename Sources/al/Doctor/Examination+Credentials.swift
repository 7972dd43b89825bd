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
            let missing = Set(try needs.missing(in: store))
            var findings = needs.references.map { finding($0, isMissing: missing.contains($0)) }
            if needs.references.isEmpty {
                findings.append(Finding(.credentials, .ok, "No agent needs a credential"))
            }
            findings += provisioningFindings() + uselessFindings()
            return findings + (try gatewayKeyFindings(store))
        } catch let error where error.code == .exposed {
            return [Finding(.credentials, .fail, "\(error)", repair: closing(store))]
        } catch {
            return [Finding(.credentials, .fail, "\(error)")]
        }
    }

    private func finding(_ reference: CredentialReference, isMissing: Bool) -> Finding {
        let label = CredentialCatalog.standard.type(reference.type)?.label ?? reference.type
        guard isMissing else { return Finding(.credentials, .ok, "\(label) (\(reference))") }
        let text = "[MISSING] \(label) (\(reference)). Run: al creds add \(reference)"
        return Finding(.credentials, .fail, text, repair: CredentialRepair.adding(reference))
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

/// Permissions of private directories.
enum FileAccessRights {
    /// Takes all rights of group and others from a file or a whole tree: `chmod -R go=`.
    static func close(_ path: String) throws {
        let files = FileManager.default
        let below = files.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        for item in [path] + below.map({ "\(path)/\($0)" }) {
            guard let mode = try files.attributesOfItem(atPath: item)[.posixPermissions] as? Int else { continue }
            try files.setAttributes([.posixPermissions: mode & 0o700], ofItemAtPath: item)
        }
    }

    /// Whether group or others can reach it; a path that is not there cannot be reached.
    static func isOpen(_ path: String) -> Bool {
        // No attributes: nothing there.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.posixPermissions] as? Int ?? 0) & 0o077 != 0
    }
}
