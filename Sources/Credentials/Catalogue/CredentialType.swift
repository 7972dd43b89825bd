/// A kind of credential: what it is called, what it consists of, and what a run gets of it.
///
/// Two types are the same when their ids are.
package struct CredentialType: Hashable, Sendable {
    /// Who may have values of a type.
    package enum Exposure: Hashable, Sendable {
        /// The agents that list it.
        case agents
        /// The agents that list it; they could create or delete machines with it.
        case provisioning
        /// The process of a run, not its tools.
        case models
        /// The scheduler and the commands of people; never a run.
        case host
    }

    /// The name in references and in the store.
    package let id: String
    package let label: String
    /// What it opens, in a few words.
    package let summary: String
    /// Where and how to get one.
    package var help: String?
    /// In the order in which they are asked for.
    package let fields: [CredentialField]
    /// What the prompt tells the model about it, naming the variables; `nil` = nothing.
    package var context: String?
    /// The same where none of its secret fields has a value; `nil` = ``context`` holds then too.
    var contextWithoutSecret: String?
    package var exposure = Exposure.agents
    /// What a run that uses it has to reach, as entries of `[network] allow`.
    package var hosts: [String] = []
    /// How it can be kept outside of runs; `nil` = it cannot.
    package var brokerage: Brokerage?
    /// Whether lists of types for people show it.
    package var isListed = true
    /// What typed values must be like, and how the provider is asked about them.
    package var check = CredentialCheck.none

    /// A secret that runs can use without having it: it is put in on the way to its hosts.
    package struct Brokerage: Hashable, Sendable {
        /// The field that stands in the header `Authorization`; other secret fields do not enter a run at all.
        package let field: String
        /// Names, or `*.` before a domain.
        package let hosts: [String]
    }

    package static func == (left: Self, right: Self) -> Bool { left.id == right.id }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// The field of that name.
    package func field(_ name: String) -> CredentialField? { fields.first { $0.name == name } }

    /// The first required field that stored values lack; `nil` when they are complete.
    func absentField(in values: [String: String]) -> String? {
        fields.first { !$0.isOptional && values[$0.name] == nil }?.name
    }
}

/// One value of a credential.
package struct CredentialField: Hashable, Sendable {
    package let name: String
    /// Masked when typed and redacted in all output.
    package let isSecret: Bool
    /// May be left empty.
    package let isOptional: Bool
    /// Variables that carry it in a run.
    package let variables: [String]
    /// Never given to a run, whatever its type allows.
    package let staysOnHost: Bool

    /// A field that is shown when typed.
    static func plain(
        _ name: String,
        _ variables: String...,
        optional: Bool = false,
        staysOnHost: Bool = false
    ) -> CredentialField {
        .init(name: name, isSecret: false, isOptional: optional, variables: variables, staysOnHost: staysOnHost)
    }

    /// A field that is masked and redacted.
    static func secret(_ name: String, _ variables: String..., optional: Bool = false) -> CredentialField {
        .init(name: name, isSecret: true, isOptional: optional, variables: variables, staysOnHost: false)
    }
}
