import Domain
import Egress
import Project
import Runtimes
import Scheduler

extension SchedulerRoot {
    /// Where the sockets of sealed runs are; `nil` = runs cannot be sealed here.
    static func egressDirectory(_ options: SchedulerOptions, _ runtime: any Runtime) throws -> EgressDirectory? {
        let directory = EgressDirectory(stateDirectory: options.project + "/.al")
        return runtime.controlsEgress && directory.isUsable ? directory : nil
    }

    /// The directory, made; `nil` where sockets cannot be made and no agent needs them.
    static func made(_ directory: EgressDirectory?, for project: LoadedProject) throws -> EgressDirectory? {
        guard let directory else { return nil }
        do {
            try directory.create()
            return directory
        } catch {
            guard let agent = project.agents.first(where: { $0.network != nil }) else { return nil }
            throw Failure(
                "Error: agent `\(agent.name)`: network.allow cannot be enforced: no socket can be made in \(directory.mount)."
            )
        }
    }

    /// What people must know about lists that are not enforced.
    ///
    /// - Throws: ``Failure`` when agents must not run.
    static func networkWarnings(
        _ project: LoadedProject,
        _ runtime: RuntimeKind,
        isControlled: Bool
    ) throws -> [String] {
        var warnings: [String] = []
        var refusals: [String] = []
        for agent in project.agents where agent.scale > 0 {
            switch NetworkEnforcement(of: agent, on: runtime, isControlled: isControlled) {
            case .open, .enforced: break
            case .notEnforced(let text): warnings.append(text)
            case .refused(let text): refusals.append("Configuration error: \(text)")
            }
        }
        guard refusals.isEmpty else { throw Failure(refusals.joined(separator: "\n")) }
        return warnings
    }

    /// The proxy of sealed runs.
    static func egressProxy(
        _ directory: EgressDirectory,
        _ scheduler: Scheduler,
        certificateFile: String?
    ) -> EgressProxy {
        EgressProxy(
            socketPath: directory.proxySocket,
            surroundings: .init(
                grant: { await scheduler.egressGrant(for: $0) },
                record: { await scheduler.note($0) },
                certificateFile: certificateFile,
                clock: ContinuousClock()
            )
        )
    }
}
