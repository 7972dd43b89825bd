import Domain
import OrderedCollections

extension TableDecoder {
    /// Reads the references of `credentials`.
    func credentials(of agent: AgentName, _ facts: OutsideFacts) -> [CredentialReference] {
        guard let value = value("credentials") else {
            report.add(.configDefaulted, at: full("credentials"), "is missing, [] is used")
            return []
        }
        let entries: [JSONValue]
        if let single = value.stringValue {
            let text = "a list is expected, taken as [\(JSONValue.quoted(single))]"
            report.add(.configListExpected, at: full("credentials"), text)
            entries = [value]
        } else if let list = value.arrayValue {
            entries = list
        } else {
            report.add(.configBadType, at: full("credentials"), "expected a list of texts, found \(value.compactText)")
            return []
        }
        var result: [CredentialReference] = []
        for (index, entry) in entries.enumerated() {
            let path = KeyPath.element(full("credentials"), index)
            guard let reference = credential(entry, at: path) else { continue }
            check(reference, of: agent, at: path, facts)
            if !result.contains(reference) { result.append(reference) }
        }
        return result
    }

    private func credential(_ entry: JSONValue, at path: String) -> CredentialReference? {
        let table = entry.objectValue.map { TableDecoder($0, path: path, report: report) }
        let text = table?.text("ref") ?? entry.stringValue
        let isBrokered = table?.boolean("broker") ?? false
        table?.finish()
        guard let text else {
            report.add(.configBadType, at: path, "expected a credential reference, found \(entry.compactText)")
            return nil
        }
        guard var reference = CredentialReference(text) else {
            let message = "`\(text)` is not a credential reference. Write type or type:instance"
            report.add(.credentialBadReference, at: path, message)
            return nil
        }
        if let owner = reference.owner {
            let message = "is deprecated; store it for this agent, or write \(reference.type):\(owner)"
            report.add(.configDeprecated, at: path, message)
        }
        reference.isBrokered = isBrokered
        return reference
    }

    /// A secret can stay outside only where everything that leaves passes by.
    func checkBroker(of agent: AgentConfig) {
        guard agent.network == nil, let reference = agent.credentials.first(where: \.isBrokered) else { return }
        let message =
            "`\(reference)` has broker = true, which needs a [network] allow: without one the run goes to its hosts directly"
        report.add(.configBadValue, at: full("credentials"), message)
    }

    private func check(_ reference: CredentialReference, of agent: AgentName, at path: String, _ facts: OutsideFacts) {
        let type = reference.type
        if !facts.credentialTypes.isEmpty, !facts.credentialTypes.contains(type) {
            report.add(
                .credentialUnknownType,
                at: path,
                "Unknown credential type `\(type)`. All types: al creds types",
                suggestion: Suggestion.nearest(to: type, among: facts.credentialTypes)
            )
        } else if facts.hostOnlyTypes.contains(type) {
            report.add(
                .credentialHostOnly,
                at: path,
                "Agent `\(agent)`: \(type) belongs to the scheduler and is never given to an agent; remove it from credentials"
            )
        } else if reference.isBrokered, !facts.credentialTypes.isEmpty, !facts.brokeredTypes.contains(type) {
            let types = facts.brokeredTypes.sorted().joined(separator: ", ")
            let message = "\(type) cannot stay outside of a run; these can: \(types)"
            report.add(.configBadValue, at: KeyPath.joined(path, "broker"), message)
        }
    }
}
