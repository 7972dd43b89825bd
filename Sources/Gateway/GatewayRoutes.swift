import Hummingbird

/// All routes of the gateway.
struct GatewayRoutes {
    let access: AccessControl
    private let open: [Route]
    private let runs: [Route]
    private let others: [Route]

    init(dependencies: GatewayDependencies, options: GatewayOptions, state: GatewayState, pages: DashboardPages) {
        access = AccessControl(dependencies: dependencies, sessions: state.sessions)
        let snapshots = StatusSnapshots(dependencies: dependencies, options: options, state: state)
        let reader = LogReader(directory: dependencies.logsDirectory)
        open = [OpenRoutes(dependencies: dependencies, options: options).health]
        runs =
            LockRoutes(runs: dependencies.runs).all
            + CallRoutes(runs: dependencies.runs).all
            + SignalRoutes(runs: dependencies.runs, log: dependencies.log).all
            + CredentialRoutes(runs: dependencies.runs, isExposed: options.isExposed).all
        var others =
            OpenRoutes(dependencies: dependencies, options: options).all
            + LoginRoutes(access: access, pages: pages, options: options, dependencies: dependencies).all
            + WebhookRoutes(dependencies: dependencies, options: options).all
            + ReceiptRoutes(dependencies: dependencies).all
            + ControlRoutes(operators: dependencies.operators, snapshots: snapshots).all
            + RunRoutes(operators: dependencies.operators).all
            + LogRoutes(reader: reader).all
            + DashboardAssets.routes
        if options.hasWebUI {
            others +=
                DashboardRoutes(dependencies: dependencies, options: options, snapshots: snapshots, pages: pages).all
                + StatusStream(snapshots: snapshots, dependencies: dependencies).all
                + LogStream(reader: reader, clock: dependencies.clock).all
        }
        self.others = others
    }

    /// What the main listener serves.
    var all: [Route] { open + runs + others }

    /// What the agent listener serves: nothing but what runs need.
    var forAgents: [Route] { open + runs }
}
