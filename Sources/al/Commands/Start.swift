import ArgumentParser
import Domain
import Foundation
import Terminal

/// `al start`: the scheduler.
struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the scheduler: schedules, webhooks, calls.",
        discussion: """
            On a terminal it shows the agents and what they do; ? there lists the keys.
            Ctrl+C and SIGTERM hand running agents over to the next start; al stop waits for them.
            Example:
              al start --web-ui
              al start --headless --port 3000
            """
    )

    @Flag(name: [.customShort("H"), .long], help: "Plain log lines; missing credentials are an error.")
    var headless = false

    @Flag(name: [.short, .long], help: "Serve the dashboard at /dashboard.")
    var webUi = false

    @Flag(name: [.short, .long], help: "Listen on all addresses instead of loopback.")
    var expose = false

    @Option(name: .long, help: ArgumentHelp("The gateway's port, over gateway.port.", valueName: "port"))
    var port: Int?

    @Flag(name: .long, help: "Run agents as plain processes of this user, without isolation.")
    var noDocker = false

    @Flag(name: .long, help: "Do not run scheduled agents at once.")
    var noInitialRun = false

    @Flag(name: .long, help: "Treat warnings as errors.")
    var strict = false

    @Flag(name: .long, help: "Wait for running agents when told to stop, instead of handing them over.")
    var drain = false

    @Flag(name: .long, help: "Count runs that another runtime may still have at work as lost, instead of not starting.")
    var abandonRuns = false

    @Flag(name: [.customShort("g"), .long], help: .hidden)
    var gateway = false

    @OptionGroup var options: ProjectOptions

    func validate() throws { try GivenPort.validate(port) }

    func run() async throws {
        var settings = SchedulerOptions(project: try options.directory(), home: ProjectContext.defaultHome)
        settings.environment = options.env
        settings.port = port
        settings.showsDashboard = webUi
        settings.isExposed = expose
        settings.runtime = noDocker ? .host : nil
        settings.initialRun = noInitialRun ? false : nil
        settings.isStrict = strict
        settings.drainsOnShutdown = drain
        settings.abandonsRuns = abandonRuns
        let environment = ProcessInfo.processInfo.environment
        if !headless, LiveView.isPossible(environment: environment) { settings.presentation = .liveView }
        let context = try ProjectContext(directory: settings.project, home: settings.home, environment: options.env)
        try context.refuseServer()
        try await MissingCredentials(
            context: context,
            prompt: Prompt(isHeadless: headless, environment: environment)
        ).ask()
        try await SchedulerRoot.build(settings).run()
    }
}
