/// What the typed values of a credential must be like, and how its provider is asked whether it accepts them.
package struct CredentialCheck: Sendable {
    /// Field → value.
    package typealias Fields = [String: String]

    /// A sentence when the values cannot be right, found without asking anybody.
    let rule: @Sendable (Fields) -> String?
    /// Asks the provider; returns what is worth telling.
    let inquiry: (@Sendable (Fields, ProviderClient) async throws(CheckFailure) -> CheckNotes)?

    /// Whatever is not empty.
    static let none = CredentialCheck()

    /// Collects both parts.
    init(
        rule: @escaping @Sendable (Fields) -> String? = { _ in nil },
        inquiry: (@Sendable (Fields, ProviderClient) async throws(CheckFailure) -> CheckNotes)? = nil
    ) {
        self.rule = rule
        self.inquiry = inquiry
    }

    /// Whether there is somebody to ask.
    package var asksProvider: Bool { inquiry != nil }
}

/// What a check found worth telling although it succeeded.
package struct CheckNotes: Hashable, Sendable {
    /// Whose the credential is, or what it opens.
    package var facts: [String] = []
    package var warnings: [String] = []

    /// Nothing to tell.
    package init() {}

    init(facts: String...) { self.facts = facts }
}

/// Why a check did not succeed.
enum CheckFailure: Error, Hashable, Sendable {
    /// The provider does not accept the credential.
    case refused(String)
    /// Nobody can tell: no network, too many requests, trouble at the provider.
    case undecided(String)

    /// A 2xx that is not what the provider answers: a captive portal, a proxy.
    static func notUnderstood(_ provider: String) -> CheckFailure {
        .undecided("something else than \(provider) answered; is there a proxy in between?")
    }
}

/// What a check said about a credential.
package enum CheckVerdict: Hashable, Sendable {
    case accepted(CheckNotes)
    /// Not to be stored; the reason names who refused and with which status.
    case refused(String)
    /// Nobody could be asked, or the answer says nothing about the credential.
    case undecided(String)
}

extension CredentialType {
    /// A sentence when the values cannot be right: a required field is empty, or a value has not its type's form.
    package func problem(with fields: CredentialCheck.Fields) -> String? {
        for field in self.fields where !field.isOptional && (fields[field.name] ?? "").isEmpty {
            return "field \"\(field.name)\" is missing"
        }
        return check.rule(fields)
    }

    /// Asks the provider about the values.
    ///
    /// No value of a secret field stands in the verdict, also where the provider repeats it.
    package func verdict(on fields: CredentialCheck.Fields, asking client: ProviderClient) async -> CheckVerdict {
        guard let inquiry = check.inquiry else { return .accepted(CheckNotes()) }
        let redactor = Redactor(
            self.fields.filter(\.isSecret).compactMap { field in
                fields[field.name].map { Secret(type: id, field: field.name, value: $0) }
            }
        )
        var client = client
        client.redact = { redactor.redact($0).text }
        do {
            var notes = try await inquiry(fields, client)
            notes.facts = notes.facts.map { redactor.redact($0).text }
            notes.warnings = notes.warnings.map { redactor.redact($0).text }
            return .accepted(notes)
        } catch {
            switch error {
            case .refused(let reason): return .refused(redactor.redact(reason).text)
            case .undecided(let reason): return .undecided(redactor.redact(reason).text)
            }
        }
    }
}
