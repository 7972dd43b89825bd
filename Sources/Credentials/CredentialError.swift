package import Domain

/// A failure around credentials.
///
/// Its text never holds a value.
package struct CredentialError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; the raw value is stable and meant for scripts.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case missing = "credential.missing"
        case badReference = "credential.bad-reference"
        case unknownType = "credential.unknown-type"
        case hostOnly = "credential.host-only"
        case clash = "credential.clash"
        case incomplete = "credential.incomplete"
        case unreadable = "credential.unreadable"
        case refused = "credential.refused"
        case notFound = "credential.not-found"
        case exposed = "credential.exposed"

        /// The short id of the documentation: `C01`.
        package var id: String {
            let number = (Self.allCases.firstIndex(of: self) ?? 0) + 1
            return number < 10 ? "C0\(number)" : "C\(number)"
        }
    }

    package var code: Code
    /// The credentials concerned.
    package var references: [CredentialReference]
    /// The file or directory concerned.
    package var path: String?
    /// What is wrong and what to do, for people.
    package var message: String

    /// Collects the facts.
    package init(code: Code, references: [CredentialReference] = [], path: String? = nil, message: String) {
        self.code = code
        self.references = references
        self.path = path
        self.message = message
    }

    package var description: String { message }
}

extension CredentialError {
    static func missing(
        _ references: [CredentialReference],
        purpose: (CredentialReference) -> String = { _ in "" }
    ) -> Self {
        let list = references.map { "\($0)\(purpose($0))" }.joined(separator: ", ")
        let first = references.first?.description ?? ""
        let message =
            "\(references.count) credential(s) missing: \(list). Run al doctor in a terminal, or al creds add \(first)"
        return .init(code: .missing, references: references, message: message)
    }

    static func badReference(_ text: String) -> Self {
        .init(code: .badReference, message: "`\(text)` is not a credential reference. Write type or type:instance")
    }

    static func unknownType(_ type: String, suggestion: String?) -> Self {
        let hint = suggestion.map { " — did you mean \($0)?" } ?? "."
        return .init(
            code: .unknownType,
            message: "Unknown credential type `\(type)`\(hint) All types: al creds types"
        )
    }

    static func hostOnly(_ reference: CredentialReference, agent: AgentName) -> Self {
        let message =
            "Agent `\(agent)`: \(reference.type) belongs to the scheduler and is never given to an agent; "
            + "remove it from credentials"
        return .init(code: .hostOnly, references: [reference], message: message)
    }

    static func clash(_ first: CredentialReference, _ second: CredentialReference, agent: AgentName) -> Self {
        let place = "\(first.type)/\(first.stagedInstance)"
        let message = "Agent `\(agent)`: \(first) and \(second) both become \(place); keep one"
        return .init(code: .clash, references: [first, second], message: message)
    }

    /// A required field is absent.
    package static func incomplete(_ reference: CredentialReference, field: String) -> Self {
        let message = "\(reference): field \"\(field)\" is missing. Run: al creds add \(reference)"
        return .init(code: .incomplete, references: [reference], message: message)
    }

    static func unreadable(_ path: String, reason: String) -> Self {
        .init(code: .unreadable, path: path, message: "Cannot read \(path): \(reason)")
    }

    static func unwritable(_ path: String, reason: String) -> Self {
        .init(code: .unreadable, path: path, message: "Cannot write \(path): \(reason)")
    }

    /// A value has not its type's form.
    package static func unfit(_ reference: CredentialReference, problem: String) -> Self {
        let message = "\(reference): \(problem). Nothing was saved. Run: al creds add \(reference)"
        return .init(code: .incomplete, references: [reference], message: message)
    }

    /// The provider does not accept a value.
    package static func refused(_ reference: CredentialReference, label: String, reason: String) -> Self {
        .init(code: .refused, references: [reference], message: "\(label): \(reason). Not saved.")
    }

    static func exposed(_ path: String, store: String) -> Self {
        let message = "\(path) can be read by every user of this machine. Run: chmod -R go= \(store)"
        return .init(code: .exposed, path: path, message: message)
    }

    /// There is nothing to remove.
    package static func notFound(_ reference: CredentialReference, suggestion: String?) -> Self {
        let hint = suggestion.map { " — did you mean \($0)?" } ?? ""
        return .init(code: .notFound, references: [reference], message: "No credential `\(reference)`\(hint)")
    }
}
