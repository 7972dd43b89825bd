import ArgumentParser
import Credentials
import Domain
import Foundation
import OrderedCollections
import Project
import Runtimes
import Terminal

/// `al doctor`: checks what runs need.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check files, credentials, scripts, schedules and the container engine.",
        discussion: "Example:\n  al doctor\n  al doctor --check-only --strict"
    )

    @Flag(name: .long, help: "Ask nothing, write nothing.")
    var checkOnly = false

    @Flag(name: .long, help: "Treat warnings as errors.")
    var strict = false

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let context = try ProjectContext(options)
        let project = try context.load()
        guard !project.agentDirectories.isEmpty else {
            return Console.output("No agents in agents/ yet: nothing to check.")
        }
        var report = DoctorReport()
        for problem in project.problems { report.add(problem.isError || strict ? .fail : .warn, "\(problem)") }
        for problem in ScriptCheck.problems(of: project.agents) { report.add(.fail, problem) }
        try checkCredentials(project, context.store, &report)
        if !checkOnly { try checkGatewayKey(context.store, &report) }
        for source in try context.unsignedSources(of: project) { report.add(.warn, "\(source)") }
        checkSchedules(project, &report)
        await checkRuntime(project, &report)
        if json {
            Console.output(report.json.prettyText)
        } else {
            report.print()
        }
        guard report.failures == 0 else { throw Failure.silent(1) }
    }

    private func checkCredentials(_ project: LoadedProject, _ store: CredentialStore, _ report: inout DoctorReport)
        throws
    {
        let needs = CredentialNeeds(agents: project.agents, config: project.config)
        try needs.requireKnownTypes()
        let missing = try needs.missing(in: store)
        for reference in needs.references {
            let label = CredentialCatalog.standard.type(reference.type)?.label ?? reference.type
            if missing.contains(reference) {
                report.add(.fail, "[MISSING] \(label) (\(reference)). Run: al creds add \(reference)")
            } else {
                report.add(.ok, "\(label) (\(reference))")
            }
        }
    }

    private func checkGatewayKey(_ store: CredentialStore, _ report: inout DoctorReport) throws {
        let key = try GatewayKey.loadOrCreate(in: store, randomBytes: RandomText.bytes)
        report.add(.ok, key.isNew ? "Gateway API key: \(key.value) (keep it for the dashboard)" : "Gateway API key")
    }

    private func checkSchedules(_ project: LoadedProject, _ report: inout DoctorReport) {
        for agent in project.agents {
            guard let schedule = agent.schedule else { continue }
            let name = agent.timezone ?? project.config.timezone
            let zone = name.flatMap(TimeZone.init(identifier:)) ?? .current
            guard let next = schedule.nextFire(after: Date(), in: zone) else {
                report.add(.warn, "Agent \(agent.name): schedule \"\(schedule.expression)\" never fires")
                continue
            }
            report.add(
                .ok,
                "Agent \(agent.name): \"\(schedule.expression)\" next fires \(LocalTime.dateAndClock(next))"
            )
        }
    }

    private func checkRuntime(_ project: LoadedProject, _ report: inout DoctorReport) async {
        do {
            let directory = ProjectDirectory(id: SchedulerRoot.projectID(project.directory), path: project.directory)
            let selection = try await RuntimeRoot.select(
                project.config.local,
                project: directory,
                mayFallBackToHost: false
            )
            report.add(selection.warning == nil ? .ok : .warn, RuntimeRoot.sentence(selection))
        } catch {
            report.add(.fail, Failure(error)?.text ?? "\(error)")
        }
    }
}

/// What `al doctor` found.
struct DoctorReport {
    /// How good a finding is.
    enum Mark: String { case ok, warn, fail }

    private var findings: [(mark: Mark, text: String)] = []

    /// Adds a finding.
    mutating func add(_ mark: Mark, _ text: String) { findings.append((mark, text)) }

    /// Findings that stop a start.
    var failures: Int { findings.count { $0.mark == .fail } }

    /// The findings as a document.
    var json: JSONValue {
        .object([
            "ok": .bool(failures == 0),
            "findings": .array(findings.map { ["mark": .string($0.mark.rawValue), "text": .string($0.text)] }),
        ])
    }

    /// Writes the findings to standard output.
    func print() {
        let style = Style(descriptor: 1, environment: ProcessInfo.processInfo.environment)
        for finding in findings {
            let mark = "[\(finding.mark.rawValue)]"
            let coloured =
                switch finding.mark {
                case .ok: style.green(mark)
                case .warn: style.yellow(mark)
                case .fail: style.red(mark)
                }
            Console.output("  \(coloured) \(finding.text)")
        }
        Console.output(failures == 0 ? "\nEverything a run needs is there." : "\n\(failures) problem(s) to mend.")
    }
}
