import Credentials
import Domain
import Project
import Webhooks

extension ProjectContext {
    /// The webhook sources of a project whose deliveries nobody signs, as a gateway that is exposed or not treats them.
    func unsignedSources(of project: LoadedProject, isExposed: Bool = false) throws -> [UnsignedSource] {
        let store = store
        let stored = Set(try store.list().map(\.type))
        return UnsignedSource.all(in: project.config.webhooks, isExposed: isExposed) { stored.contains($0) }
    }
}
