import ArgumentParser
import Domain
import Foundation
import Project

/// `al demo`: a first run without any account.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show agents at work in a sample project, without any account.",
        discussion: """
            The agents talk to a scripted model; everything else is real: the schedule, a signed webhook, the container,
            the tools, locks and calls between agents.
            Example:
              al demo
              al demo --once
            """
    )

    @Argument(help: "Where to write the sample project.")
    var directory = "./al-demo"

    @Flag(name: .long, help: "End after the table of runs; exit 0 if every run succeeded.")
    var once = false

    @Flag(name: .long, help: "Use no container engine even if one answers.")
    var noDocker = false

    @Option(name: .long, help: ArgumentHelp("The gateway's port; a free one by default.", valueName: "port"))
    var port: Int?

    func validate() throws { try GivenPort.validate(port) }

    func run() async throws {
        let project = DemoProject(directory: URL(fileURLWithPath: directory).standardizedFileURL.path)
        try project.write(webhookSecret: RandomText.hex(bytes: 32))
        // It would name an environment of the user's, of which the demo's own store has none.
        unsetenv("AL_ENV")
        Console.output("Sample project: \(project.directory)")
        var options = SchedulerOptions(project: project.directory, home: project.home)
        options.port = port ?? 0
        options.presentation = .quiet
        options.showsDashboard = true
        options.runtime = noDocker ? .host : nil
        options.mayFallBackToHost = true
        options.drainsOnShutdown = true
        let root = try await SchedulerRoot.build(options)
        Console.output(root.runtimeSentence)
        let succeeded = try await withThrowingTaskGroup(of: Bool?.self) { group in
            group.addTask {
                try await root.run()
                return nil
            }
            group.addTask {
                let director = DemoDirector(project: project, root: root, isLast: once)
                let succeeded = try await director.perform()
                if once { await root.requestShutdown() }
                return succeeded
            }
            var result: Bool?
            while let next = try await group.next() { result = next ?? result }
            return result
        }
        if once, succeeded != true { throw Failure.silent(1) }
    }
}
