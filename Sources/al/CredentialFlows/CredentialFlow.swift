import Credentials
import Domain
import Foundation
import Terminal

/// Asks a person for a credential, checks it with its provider, and stores it.
///
/// One for a command; what is asked depends on the type.
struct CredentialFlow {
    /// What came of it.
    enum Outcome: Hashable {
        case stored
        /// What was there already stays.
        case kept
        /// The person does not want it; nothing changed.
        case declined
    }

    let store: CredentialStore
    let prompt: Prompt
    /// `nil` = store without asking the provider.
    let provider: ProviderClient?
    /// Speaks while a provider is asked.
    let waiting: WaitingLine
    /// The person's home directory, where keys of ssh may be.
    let userHome: String
    /// Names what answers the questions without a terminal.
    var remedy = "--stdin or --field"

    /// A flow over the terminal of this process; `verifies` says whether providers are asked.
    static func interactive(store: CredentialStore, prompt: Prompt, verifies: Bool) -> CredentialFlow {
        let environment = ProcessInfo.processInfo.environment
        return CredentialFlow(
            store: store,
            prompt: prompt,
            provider: verifies ? .overHTTP() : nil,
            waiting: Console.waitingLine(environment),
            userHome: environment["HOME"] ?? NSHomeDirectory()
        )
    }

    /// Asks for one credential.
    ///
    /// - Parameters:
    ///   - type: decides what is asked.
    ///   - instance: where it is stored.
    ///   - offersToKeep: what is stored already may stay.
    /// - Returns: what came of it.
    /// - Throws: ``PromptError``, ``CredentialError``; a value that the provider refuses is `credential.refused`.
    func obtain(_ type: CredentialType, instance: String, offersToKeep: Bool = true) async throws -> Outcome {
        let existing = try store.read(type: type.id, instance: instance)
        if offersToKeep, let existing, try keeps(existing, type) { return .kept }
        explain(type)
        let fields: CredentialCheck.Fields?
        switch type.id {
        case CredentialType.gitSsh.id: fields = try await GitIdentityQuestions(flow: self).ask(existing ?? [:])
        case CredentialType.vpsSsh.id: fields = try await KeyPairQuestions(flow: self).ask()
        case CredentialType.gatewayApiKey.id: fields = try freshGatewayKey(replacing: existing != nil && !offersToKeep)
        default: fields = try askFields(of: type)
        }
        guard let fields, fields.values.contains(where: { !$0.isEmpty }) else { return .declined }
        return try await save(fields, type, instance) ? .stored : .declined
    }

    /// Checks values and stores them.
    ///
    /// - Returns: whether they were stored; not when nobody could tell whether they are right and the person declined.
    func save(_ given: CredentialCheck.Fields, _ type: CredentialType, _ instance: String) async throws -> Bool {
        let reference = CredentialReference(type: type.id, instance: instance == "default" ? nil : instance)
        let fields = try await withUsableKeys(given, type)
        if let problem = type.problem(with: fields) { throw CredentialError.unfit(reference, problem: problem) }
        if let provider, try await !isAcceptable(fields, type, reference, provider) { return false }
        try store.write(type: type.id, instance: instance, fields: fields.filter { !$0.value.isEmpty })
        return true
    }

    /// The fields with private keys as ssh wants them, and with the public part of a pair where it was not given.
    private func withUsableKeys(
        _ given: CredentialCheck.Fields,
        _ type: CredentialType
    ) async throws -> CredentialCheck.Fields {
        let name = type.id == CredentialType.vpsSsh.id ? "private_key" : "id_rsa"
        guard [CredentialType.gitSsh.id, CredentialType.vpsSsh.id].contains(type.id),
            let text = given[name], !text.isEmpty
        else { return given }
        var fields = given
        // Whoever wants no verification may have no ssh-keygen either.
        fields[name] = provider == nil ? SSHKeygen.normalized(text) : try await SSHKeygen().usableKey(text)
        if type.id == CredentialType.vpsSsh.id, (given["public_key"] ?? "").isEmpty {
            fields["public_key"] = try await SSHKeygen().publicKey(of: SSHKeygen.normalized(text))
        }
        return fields
    }

    /// A new key, unless there is one that shall stay.
    private func freshGatewayKey(replacing isThere: Bool) throws -> CredentialCheck.Fields? {
        if isThere {
            let question = "The old key and all logins will be void at once. Make a new one?"
            let remedy = "al creds rotate \(CredentialType.gatewayApiKey.id)"
            guard try prompt.confirm(question, remedy: remedy, defaultAnswer: false) else { return nil }
        }
        return ["key": GatewayKey.fresh(RandomText.bytes)]
    }

    private func isAcceptable(
        _ fields: CredentialCheck.Fields,
        _ type: CredentialType,
        _ reference: CredentialReference,
        _ provider: ProviderClient
    ) async throws -> Bool {
        guard type.check.asksProvider else { return true }
        let verdict = try await waiting.during("Checking \(reference)") {
            await type.verdict(on: fields, asking: provider)
        }
        switch verdict {
        case .accepted(let notes):
            for fact in notes.facts { Console.error("\(type.label): \(fact)") }
            for warning in notes.warnings { Console.error("Warning: \(warning)") }
            return true
        case .refused(let reason): throw CredentialError.refused(reference, label: type.label, reason: reason)
        case .undecided(let reason):
            Console.error("\(type.label) could not be checked: \(reason).")
            return try prompt.confirm(
                "Store \(reference) unverified?",
                remedy: "--no-verify, which stores without asking the provider",
                defaultAnswer: false
            )
        }
    }

    private func keeps(_ existing: [String: String], _ type: CredentialType) throws -> Bool {
        // The questions about a git identity offer its parts one by one.
        let facts =
            type.id == CredentialType.gitSsh.id
            ? " (\(existing["username"] ?? "?") <\(existing["email"] ?? "?")>)"
            : existing["public_key"].map { " (\($0.prefix(40))…)" } ?? ""
        return try prompt.confirm("Keep the stored \(type.label)\(facts)?", remedy: remedy, defaultAnswer: true)
    }

    private func explain(_ type: CredentialType) {
        guard prompt.isPossible else { return }
        let text = "\(type.label) — \(type.summary)\(type.help.map { "\n\($0)" } ?? "")"
        for line in text.wrapped(to: Console.errorWidth ?? .max) { Console.error(line) }
    }

    private func askFields(of type: CredentialType) throws -> CredentialCheck.Fields {
        var fields: CredentialCheck.Fields = [:]
        for field in type.fields {
            let question = field.name + (field.isOptional ? " (may stay empty)" : "")
            let problem: @Sendable (String) -> String? = {
                $0.isEmpty && !field.isOptional ? "It must not be empty; Esc leaves." : nil
            }
            let answer =
                field.isSecret
                ? try prompt.secret(question, remedy: remedy, problem: problem)
                : try prompt.text(question, remedy: remedy, problem: problem)
            fields[field.name] = answer.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return fields
    }
}
