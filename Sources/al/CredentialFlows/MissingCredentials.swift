import Credentials
import Domain
import Project
import Terminal

/// Asks for what a project needs and the store lacks.
struct MissingCredentials {
    let context: ProjectContext
    let prompt: Prompt

    /// Asks for each missing credential; silent when nothing is missing or nobody can be asked.
    ///
    /// Whoever needs them all still has to check: a person may decline.
    func ask() async throws {
        guard prompt.isPossible else { return }
        let project = try context.load()
        let needs = CredentialNeeds(agents: project.agents, config: project.config)
        try needs.requireKnownTypes()
        let gaps = try needs.gaps(in: context.store)
        guard !gaps.isEmpty else { return }
        Console.error("\(gaps.count) credential(s) need to be configured")
        let flow = CredentialFlow.interactive(store: context.store, prompt: prompt, verifies: true)
        for gap in gaps {
            let reference = gap.stored
            let type = try CredentialCatalog.standard.requireType(reference.type)
            let agents = needs.agents(needing: gap.reference).map(\.rawValue).joined(separator: ", ")
            Console.error("\n\(reference), needed by \(agents)")
            do {
                let instance = reference.instance ?? "default"
                if try await flow.obtain(type, instance: instance, offersToKeep: false) == .stored {
                    Console.error("Saved \(reference)")
                }
            } catch PromptError.cancelled {
                // Declined; the next one may still be wanted.
                continue
            }
        }
    }
}
