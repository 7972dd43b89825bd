import Hummingbird

/// All routes of the gateway.
struct GatewayRoutes {
    let access: AccessControl
    private let open: [Route]
    private let runs: [Route]
    private let others: [Route]

    init(
        dependencies: GatewayDependencies,
        options: GatewayOptions,
        state: GatewayState,
        rooms: ChatRooms,
        pages: DashboardPages
    ) {
        access = AccessControl(dependencies: dependencies, sessions: state.sessions)
        let snapshots = StatusSnapshots(dependencies: dependencies, options: options, state: state)
        let reader = LogReader(directory: dependencies.logsDirectory)
        let transcripts = TranscriptReader(directory: dependencies.transcriptsDirectory)
        open = [OpenRoutes(dependencies: dependencies, options: options).health]
        runs =
            LockRoutes(runs: dependencies.runs).all
            + CallRoutes(runs: dependencies.runs).all
            + SignalRoutes(runs: dependencies.runs, log: dependencies.log).all
            + CredentialRoutes(runs: dependencies.runs, isExposed: options.isExposed).all
            + ModelRoutes(models: dependencies.models, isExposed: options.isExposed).all
        var others =
            OpenRoutes(dependencies: dependencies, options: options).all
            + LoginRoutes(access: access, pages: pages, options: options, dependencies: dependencies).all
            + WebhookRoutes(dependencies: dependencies, options: options).all
            + ReceiptRoutes(dependencies: dependencies).all
            + ControlRoutes(operators: dependencies.operators, snapshots: snapshots).all
            + HistoryRoutes(
                operators: dependencies.operators,
                transcripts: transcripts,
                now: dependencies.now,
                mask: dependencies.mask
            ).all
            + RunStream(
                operators: dependencies.operators,
                transcripts: transcripts,
                clock: dependencies.clock,
                mask: dependencies.mask
            ).all
            + ChatRoutes(chats: dependencies.chats, rooms: rooms).all
            + LogRoutes(reader: reader, clock: dependencies.clock).all
            + DashboardAssets.routes
        if options.hasWebUI {
            others +=
                DashboardRoutes(pages: pages, operators: dependencies.operators).all
                + DashboardData(
                    operators: dependencies.operators,
                    settings: options.settings,
                    now: dependencies.now,
                    mask: dependencies.mask
                ).all
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
