/// A key that triggers of a provider may have besides `source`: what it takes, what it offers, what it compares.
///
/// Checks of the configuration, prompts and the matching itself read the same definitions.
package struct FilterDefinition: Sendable {
    /// What the key takes.
    package enum Kind: Hashable, Sendable {
        /// A list; other values than those offered are taken with a hint.
        case choices([String])
        /// A list of any texts.
        case texts
        /// One text.
        case text
    }

    /// The key in `[[webhooks]]`.
    package let key: String
    package let kind: Kind
    package let subject: FilterSubject
    /// Whether values must look like `owner/name`.
    package let isRepository: Bool

    init(_ key: String, _ kind: Kind, _ subject: FilterSubject, isRepository: Bool = false) {
        self.key = key
        self.kind = kind
        self.subject = subject
        self.isRepository = isRepository
    }

    /// The values it offers; empty where any text will do.
    package var choices: [String] { if case .choices(let values) = kind { values } else { [] } }
}
