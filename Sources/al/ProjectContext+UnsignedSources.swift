import Credentials
import Domain
import Project
import Webhooks

extension ProjectContext {
    /// The webhook sources of a project whose deliveries nobody signs.
    func unsignedSources(of project: LoadedProject) throws -> [UnsignedSource] {
        let store = store
        let stored = Set(try store.list().map(\.type))
        return UnsignedSource.all(in: project.config.webhooks) { stored.contains($0) }
    }
}
