/// An agent as its files describe it, after merging and validation.
package struct AgentConfig: Hashable, Sendable {
    package var name: AgentName
    package var description: String?
    package var credentials: [CredentialReference] = []
    package var schedule: CronSchedule?
    package var webhooks: [WebhookTriggerConfig] = []
    /// Concurrent runs; 0 disables the agent.
    package var scale = 1
    /// Seconds a run may take.
    package var timeout = 900
    /// IANA zone of the schedule; `nil` = the project's, else the process's.
    package var timezone: String?
    /// Whether the agent is started once when the scheduler starts.
    package var initialRun = true
    /// Needs no trigger: started by hand or by calls.
    package var manual = false
    /// Most waiting items.
    package var workQueueSize = 100
    package var overflow = QueueOverflow.dropOldest
    /// Seconds over which the fires of the project's slots are spread.
    package var jitter = 0
    package var missedRuns = MissedRunsPolicy.skip
    /// Template over the keys of a webhook's context, items with one key run one after the other; `nil` = no key.
    package var concurrencyKey: String?
    /// Seconds of quiet before a webhook item becomes due; `nil` = at once.
    package var debounce: Int?
    package var model: ModelConfig
    /// Models that are tried in order when ``model`` fails.
    package var fallbackModels: [ModelConfig] = []
    package var limits = RunLimits()
    /// `nil` = everything may be reached.
    package var network: NetworkPolicy?
    /// Servers whose tools the agent may use, by name.
    package var mcpServers: [MCPServerConfig] = []
    /// The `[params]` table in file order, for the prompt.
    package var params: JSONValue = [:]
    package var preflight: [PreflightStep] = []
    /// Text of `ACTIONS.md` (empty when there is none).
    package var instructions = ""
    /// Absolute path of the agent's directory on the scheduler's machine.
    package var directory = ""

    /// An agent of which only name and model are set.
    package init(name: AgentName, model: ModelConfig) {
        self.name = name
        self.model = model
    }
}

/// A reference to a credential as it stands in `credentials`: `type` or `type:instance`.
///
/// Older projects may also write `agent/type`: what a bare `type` would mean for that agent.
package struct CredentialReference: Hashable, Sendable, CustomStringConvertible {
    package let type: String
    /// `nil`: the agent's own instance if there is one, else `default`.
    package let instance: String?
    /// The agent whose own instance is meant; `nil` = the agent that has the reference.
    package let owner: String?
    /// Whether the secret itself stays outside of the run, which gets something that stands in for it (`broker = true`).
    package var isBrokered = false

    /// Joins the parts; they were checked by whoever read them.
    package init(type: String, instance: String? = nil, owner: String? = nil, isBrokered: Bool = false) {
        self.type = type
        self.instance = instance
        self.owner = owner
        self.isBrokered = isBrokered
    }

    package var description: String {
        if let owner { return "\(owner)/\(type)" }
        return instance.map { "\(type):\($0)" } ?? type
    }

    /// The instance under which a run sees it: a bare `type` is always `default` inside.
    package var stagedInstance: String { instance ?? "default" }
}

/// A `[limits]` table.
package struct RunLimits: Hashable, Sendable {
    package var maxTurns = 500
    package var maxTokensPerRun: Int?
    /// USD.
    package var maxCostPerRun: Double?
    /// USD of all runs of a day: the agent's, or those of the project where the table stands there.
    package var maxCostPerDay: Double?

    /// The defaults.
    package init() {}
}

/// A `[[webhooks]]` entry of an agent.
package struct WebhookTriggerConfig: Hashable, Sendable {
    /// Name of a `[webhooks.<name>]` source.
    package var source: String
    /// Filter key → accepted values; a filter that is absent or empty does not filter.
    ///
    /// Single-valued keys (`org`, `author`, …)
    /// hold one value. Which keys a provider knows and what they mean: target `Webhooks`.
    package var filters: [String: [String]]

    /// Collects both.
    package init(source: String, filters: [String: [String]] = [:]) {
        self.source = source
        self.filters = filters
    }
}

/// A `[[preflight]]` step.
package struct PreflightStep: Hashable, Sendable {
    /// `shell`, `http` or `git-clone`.
    package var provider: String
    package var isRequired: Bool
    package var params: JSONValue

    /// Collects the facts.
    package init(provider: String, isRequired: Bool = true, params: JSONValue) {
        self.provider = provider
        self.isRequired = isRequired
        self.params = params
    }
}
