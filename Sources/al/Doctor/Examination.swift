import Credentials
import Domain
import Foundation
import Project

/// What the checks of `al doctor` look at.
struct Examination: Sendable {
    let context: ProjectContext
    let project: LoadedProject
    /// Warnings count as errors.
    let isStrict: Bool
    /// Whether anything may be written, such as the gateway's key.
    let mayWrite: Bool
    let now: Date

    /// Makes every check, the slow ones at the same time.
    func report() async -> DoctorReport {
        async let runtime = runtimeFindings()
        async let models = modelFindings()
        var report = DoctorReport()
        report.add(fileFindings())
        report.add(credentialFindings())
        report.add(await models)
        report.add(await runtime)
        report.add(scheduleFindings())
        report.add(webhookFindings())
        report.add(machineFindings())
        return report
    }

    /// The agents that start at all.
    var activeAgents: [AgentConfig] { project.agents.filter { $0.scale > 0 } }

    private func fileFindings() -> [Finding] {
        let problems = project.problems + ScriptCheck.problems(of: project.agents, in: project.directory)
        var findings = problems.map { Finding($0, isStrict: isStrict) }
        findings += project.hints.map { Finding(.files, .warn, $0) }
        guard findings.isEmpty else { return findings }
        let count = project.agents.count
        return [Finding(.files, .ok, "\(count) \(count == 1 ? "agent" : "agents"), no problem in any file")]
    }
}
