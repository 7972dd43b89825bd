package import FoundationEssentials
package import Scheduler

/// What the gateway needs from the rest of the program.
package struct GatewayDependencies: Sendable {
    package var intake: any Intake
    package var runs: any RunsPlane
    package var operators: any OperatorPlane
    /// Stored webhook secrets by instance, for a credential type (`github_webhook_secret`); asked once a second at most.
    package var secrets: @Sendable (String) throws -> [String: String]
    /// The API key; asked at every request, so that a rotated key counts at once.
    package var apiKey: @Sendable () throws -> String
    /// Directory of the `<name>-<YYYY-MM-DD>.log` files.
    package var logsDirectory: String
    /// Directory of the `<instance>.jsonl` files.
    package var transcriptsDirectory: String
    /// Takes the lines of the gateway's own log.
    package var log: @Sendable (GatewayLogLine) -> Void
    package var clock: any Clock<Duration>
    package var now: @Sendable () -> Date
    /// Random bytes fit for secrets.
    package var randomBytes: @Sendable (Int) -> [UInt8]

    /// Collects everything.
    package init(
        intake: any Intake,
        runs: any RunsPlane,
        operators: any OperatorPlane,
        secrets: @escaping @Sendable (String) throws -> [String: String],
        apiKey: @escaping @Sendable () throws -> String,
        logsDirectory: String,
        transcriptsDirectory: String,
        log: @escaping @Sendable (GatewayLogLine) -> Void,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.intake = intake
        self.runs = runs
        self.operators = operators
        self.secrets = secrets
        self.apiKey = apiKey
        self.logsDirectory = logsDirectory
        self.transcriptsDirectory = transcriptsDirectory
        self.log = log
        self.clock = clock
        self.now = now
        self.randomBytes = randomBytes
    }
}
