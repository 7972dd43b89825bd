import Credentials
import Domain
import Terminal

/// Asks what of Sentry an agent shall look at, with the stored token.
struct SentryQuestions {
    let flow: CredentialFlow

    /// The parameters `sentryOrg` and `sentryProjects`; `nil` when nothing is stored or Sentry does not answer.
    func parameters(for agent: AgentName) async throws -> [(key: String, value: JSONValue)]? {
        let reference = CredentialReference(type: CredentialType.sentryToken.id)
        guard let token = try flow.store.read(reference, for: agent)?["token"], let provider = flow.provider else {
            return nil
        }
        let organizations = await provider.sentryOrganizations(token: token)
        guard let first = organizations.first else { return nil }
        let remedy = "--set sentryOrg=… --set sentryProjects=…"
        let organization =
            organizations.count == 1
            ? first : organizations[try flow.prompt.choose("Sentry organisation", among: organizations, remedy: remedy)]
        let projects = await provider.sentryProjects(of: organization, token: token)
        guard !projects.isEmpty else { return [("sentryOrg", .string(organization))] }
        let chosen = try flow.prompt.chooseMany("Sentry projects", among: projects, remedy: remedy)
        return [
            ("sentryOrg", .string(organization)),
            ("sentryProjects", .array(chosen.map { .string(projects[$0]) })),
        ]
    }
}
