import Credentials
import Domain
import Foundation
import Project
import Webhooks

/// What holds for an agent's settings whether they are typed into a menu or given by options.
enum AgentConfigRules {
    /// Types that an agent may be given.
    static var grantableTypes: [CredentialType] {
        CredentialCatalog.standard.types.filter {
            $0.isListed && ($0.exposure == .agents || $0.exposure == .provisioning)
        }
    }

    /// Ends the command when an agent may not be given such a credential.
    static func requireGrantable(_ reference: CredentialReference) throws {
        guard !grantableTypes.contains(where: { $0.id == reference.type }) else { return }
        throw Failure(
            "Credential error: \(reference.type) is never given to an agent; models and the scheduler use it by themselves",
            code: "credential.host-only"
        )
    }

    /// A sentence when an expression will not do; empty is none.
    static func problem(withSchedule text: String) -> String? {
        guard !text.isEmpty else { return nil }
        do throws(CronError) {
            _ = try CronSchedule(text)
            return nil
        } catch {
            return "\(error.field) \"\(error.text)\": \(error.expected)"
        }
    }

    /// Reads `--schedule`.
    static func schedule(_ text: String) throws -> String? {
        if let problem = problem(withSchedule: text) {
            throw Failure("Configuration error: schedule \"\(text)\": \(problem)", code: "schedule.invalid")
        }
        return text.isEmpty ? nil : text
    }

    /// The value of a filter from a list with commas; `nil` = none.
    static func filter(_ definition: FilterDefinition, _ text: String) -> JSONValue? {
        let items = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard let first = items.first else { return nil }
        return definition.kind == .text ? .string(first) : .array(items.map(JSONValue.string))
    }
}

extension JSONValue {
    /// The reference of an entry of `credentials`.
    var credentialText: String? { stringValue ?? self["ref"]?.stringValue }
}
