import AgentCommands
import Credentials
import Domain
import FoundationEssentials

/// Everything a session is started with.
struct SessionRequest: Sendable {
    var config: AgentConfig
    /// `<agent>-<8 hex>`, empty outside a project.
    var instance: String
    var trigger: Trigger
    var system: String
    var prompt: String
    /// Of those providers that need one.
    var modelKeys: [ModelProvider: String]
    /// URL under which the gateway takes requests in the models' stead; `nil` = models are asked directly.
    var modelRelay: String?
    /// Absolute paths of the scripts of scripted models, by their configured names.
    var modelScripts: [String: String]
    /// `YYYY-MM-DD`, UTC.
    var date: String
    var workingDirectory: String
    var temporaryDirectory: String
    /// The whole environment of tools.
    var environment: [String: String]
    var signals: SignalDirectory
    /// USD this run may cost at most by the budgets of the day.
    var costAllowance: Double?
    /// Seconds the run may take.
    var timeout: Int
    /// Time until the run is over.
    var timeLeft: @Sendable () -> Duration
    /// What must not be seen.
    var redaction: Redactor
    /// Takes secrets out and names them as `<type>.<field>`.
    var redact: @Sendable (String) -> (String, [String])
    var machine: RunSystem
}

/// Holds a conversation with the model to its end.
typealias SessionRunner = @Sendable (SessionRequest, RunReporter) async throws -> WorkEnd
