import Domain
package import FoundationEssentials
package import Scheduler
package import Storage
package import Webhooks

/// What the gateway needs from the rest of the program.
package struct GatewayDependencies: Sendable {
    package var intake: any Intake
    package var runs: any RunsPlane
    /// Passes on what runs ask their models.
    package var models: any ModelDoor
    package var operators: any OperatorPlane
    package var chats: any ChatPlane
    /// Deliveries as they were stored.
    package var receipts: any Receipts
    /// Hides the values of stored credentials in a text that people shall see.
    package var mask: @Sendable (String) throws -> String
    /// Stored webhook secrets for a credential type (`github_webhook_secret`), of some instances or (`nil`) all; asked once a
    /// second at most.
    package var secrets: @Sendable (_ type: String, _ instances: Set<String>?) throws -> StoredSecrets
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
        models: any ModelDoor,
        operators: any OperatorPlane,
        chats: any ChatPlane,
        receipts: any Receipts,
        mask: @escaping @Sendable (String) throws -> String,
        secrets: @escaping @Sendable (String, Set<String>?) throws -> StoredSecrets,
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
        self.models = models
        self.operators = operators
        self.chats = chats
        self.receipts = receipts
        self.mask = mask
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

extension GatewayDependencies {
    /// A random UUID (version 4) in lower case.
    func makeUUID() -> String {
        var bytes = randomBytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let groups = [bytes[0..<4], bytes[4..<6], bytes[6..<8], bytes[8..<10], bytes[10..<16]]
        return groups.map(\.hexText).joined(separator: "-")
    }
}
