import Domain
import Egress
import Foundation
import Project
import Runtimes
import Scheduler

extension Examination {
    /// Where runs execute, how well that isolates each agent, and what is left of earlier runs.
    func runtimeFindings() async -> [Finding] {
        do {
            let selection = try await RuntimeRoot.select(
                project.config,
                context,
                mayFallBackToHost: false,
                mayStartRuns: false
            )
            let findings: [Finding]
            do {
                findings = try await self.findings(of: selection)
            } catch {
                await RuntimeRoot.close(selection.runtime)
                throw error
            }
            await RuntimeRoot.close(selection.runtime)
            return findings
        } catch let error as RuntimeError {
            return [Finding(.runtime, .fail, error.message)]
        } catch {
            return [Finding(.runtime, .fail, Failure(error)?.message ?? "\(error)")]
        }
    }

    private func findings(of selection: RuntimeSelection) async throws -> [Finding] {
        let runtime = selection.runtime
        var findings = [Finding(.runtime, .ok, RuntimeRoot.sentence(selection))]
        if let warning = selection.warning { findings.append(Finding(.runtime, .warn, warning)) }
        if let warning = RuntimeRoot.gatewayWarning(project.config, on: runtime) {
            findings.append(Finding(.runtime, .warn, warning))
        }
        if let docker = runtime as? DockerRuntime { findings += try await engineFindings(docker) }
        let isControlled =
            runtime.controlsEgress && EgressDirectory(stateDirectory: project.directory + "/.al").isUsable
        findings += activeAgents.map { grade($0, runtime.kind, isControlled: isControlled) }
        findings += activeAgents.compactMap { enforcement($0, runtime.kind, isControlled: isControlled) }
        return findings + (try await leftovers(of: runtime, SchedulerRoot.projectID(project.directory)))
    }

    private func engineFindings(_ docker: DockerRuntime) async throws -> [Finding] {
        let facts = try await docker.inspectEngine()
        var findings = [Finding(.runtime, .ok, "Engine: \(facts.version)")]
        if facts.hasBaseImage {
            findings.append(Finding(.runtime, .ok, "Base image \(facts.baseImage) is there"))
        } else if project.config.local.image != nil {
            let text = "[local].image names \(facts.baseImage), which the engine does not have; pull or build it"
            findings.append(Finding(.runtime, .fail, text))
        } else {
            let text = "Base image \(facts.baseImage) is not built yet; the next al start does that"
            findings.append(Finding(.runtime, .warn, text))
        }
        if let time = facts.time, abs(time.timeIntervalSinceNow) > Self.largestClockDifference {
            let seconds = Int(time.timeIntervalSinceNow.rounded())
            let text = "The engine's clock is \(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") this machine's"
            findings.append(Finding(.runtime, .warn, text))
        }
        return findings
    }

    /// Seconds; beyond that signatures with a time in them begin to fail.
    private static let largestClockDifference = 30.0

    /// A list that is not enforced.
    private func enforcement(_ agent: AgentConfig, _ runtime: RuntimeKind, isControlled: Bool) -> Finding? {
        switch NetworkEnforcement(of: agent, on: runtime, isControlled: isControlled) {
        case .open, .enforced: nil
        case .notEnforced(let text): Finding(.runtime, .warn, text)
        case .refused(let text): Finding(.runtime, .fail, text)
        }
    }

    private func grade(_ agent: AgentConfig, _ runtime: RuntimeKind, isControlled: Bool) -> Finding {
        let grade = IsolationGrade(of: agent, on: runtime, controlsEgress: isControlled)
        let mark = grade.letter == .d ? Finding.Mark.warn : .ok
        return Finding(
            .runtime,
            mark,
            "Agent \(agent.name): \(runtime.rawValue), isolation \(grade.letter.rawValue): \(grade.reason)"
        )
    }

    /// Runs that no scheduler looks after.
    private func leftovers(of runtime: any Runtime, _ id: ProjectID) async throws -> [Finding] {
        guard ProjectLock.state(stateDirectory: "\(project.directory)/.al") == .free else { return [] }
        let runs = try await runtime.list(project: id)
        let hasState = FileManager.default.fileExists(atPath: "\(project.directory)/.al/state.db")
        let known = Set(project.agentDirectories)
        let orphans = runs.filter { !hasState || !known.contains($0.agent) }
        var findings: [Finding] = []
        if !orphans.isEmpty {
            let names = orphans.map(\.handle.description).sorted().joined(separator: ", ")
            let text = "Left of earlier runs, and nobody's any more: \(names)"
            findings.append(Finding(.runtime, .warn, text, repair: removal(of: orphans, from: runtime)))
        }
        let waiting = runs.count - orphans.count
        if waiting > 0 {
            let text = "\(waiting) \(waiting == 1 ? "run is" : "runs are") still there; the next al start takes over"
            findings.append(Finding(.runtime, .ok, text))
        }
        return findings
    }

    private func removal(of runs: [KnownRun], from runtime: any Runtime) -> Finding.Repair {
        Finding.Repair(question: "Remove what is left of \(runs.count) earlier runs?") {
            for run in runs {
                if run.isRunning { try await runtime.kill(run.handle, grace: .zero) }
                try await runtime.remove(run.handle)
            }
            await runtime.close()
            return "Removed \(runs.count)"
        }
    }
}
