import Domain

/// What the command line says about one start of the scheduler.
struct SchedulerOptions {
    /// Absolute path.
    var project: String
    /// The user's directory with store and environments.
    var home: String
    var environment: String?
    /// Over `gateway.port`; 0 = any free port.
    var port: Int?
    var showsDashboard = false
    var isExposed = false
    /// Over `local.runtime`.
    var runtime: RuntimeKind?
    /// Only the demo, whose agents are al's own, may run them as plain processes without being asked.
    var mayFallBackToHost = false
    /// Over `initialRun`.
    var initialRun: Bool?
    var isStrict = false
    var drainsOnShutdown = false
    /// Count runs that another runtime may still have at work as lost, instead of not starting.
    var abandonsRuns = false
    /// How people see what happens.
    var presentation = Presentation.lines

    /// How people see what the scheduler does.
    enum Presentation {
        /// Not at all.
        case quiet
        /// A line for each event.
        case lines
        /// A screen that is kept up to date.
        case liveView
    }

    init(project: String, home: String) {
        self.project = project
        self.home = home
    }
}
