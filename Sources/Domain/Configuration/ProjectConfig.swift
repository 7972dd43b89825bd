/// A project's settings after all layers were merged.
///
/// Each default stands beside its field.
package struct ProjectConfig: Hashable, Sendable {
    package var projectName: String?
    package var maxReruns = 10
    package var maxCallDepth = 3
    package var workQueueSize = 100
    /// Most runs at once in the project; `nil` = no limit.
    package var scale: Int?
    package var initialRun = true
    package var timezone: String?
    /// Seconds between SIGTERM and SIGKILL of a run that is told to stop.
    package var stopGrace = 10
    package var historyRetentionDays = 14
    package var model: ModelConfig?
    /// `[models.<name>]`: what agents name in `models`.
    package var models: [String: ModelConfig] = [:]
    package var limits = RunLimits()
    /// Egress of agents without a list of their own; `nil` = open.
    package var network: NetworkPolicy?
    package var local = LocalSettings()
    /// `[cloud] provider = "vps"`: whose engine runs the agents; `nil` = this machine decides.
    package var server: ServerAddress?
    package var gateway = GatewaySettings()
    package var webhooks: [String: WebhookSourceConfig] = [:]

    /// All defaults.
    package init() {}
}

/// `[local]`: where runs execute and what they may use.
package struct LocalSettings: Hashable, Sendable {
    /// `nil` = `auto`.
    package var runtime: RuntimeKind?
    /// Base image that replaces `al-agent`.
    package var image: String?
    /// Bytes.
    package var memory = 4 << 30
    package var cpus = 2.0
    /// Seconds; default of the agents' `timeout`.
    package var timeout = 900
    /// Bytes.
    package var workspaceSize = 2 << 30
    /// Bytes.
    package var tmpSize = 2 << 30

    /// All defaults.
    package init() {}
}

/// Where runs can execute.
package enum RuntimeKind: String, CaseIterable, Hashable, Sendable {
    case docker, sandbox, host
    /// The engine of a server, reached by ssh; it follows from the server's address and is never chosen by name.
    case sshDocker = "ssh-docker"

    /// What `[local].runtime` can name.
    package static let local: [RuntimeKind] = [.docker, .sandbox, .host]
}

/// `[gateway]`.
package struct GatewaySettings: Hashable, Sendable {
    package var port = 8080
    /// Seconds a resource lock lives without heartbeat.
    package var lockTimeout = 1800
    package var url: String?
    /// Addresses or CIDRs whose forwarding headers count.
    package var trustedProxies: [String] = []
    /// Most verified deliveries a minute and source; `nil` = no limit.
    package var webhookRate: Int?

    /// All defaults.
    package init() {}
}

/// A `[webhooks.<name>]` source.
package struct WebhookSourceConfig: Hashable, Sendable {
    /// Provider type, such as `github`.
    package var type: String
    /// Instance of the provider's secret type; `nil` = unsigned.
    package var credential: String?
    package var allowUnsigned: Bool
    /// Of sources of type `generic`; `nil` for all others.
    package var format: GenericWebhookFormat?

    /// Collects the facts.
    package init(
        type: String,
        credential: String? = nil,
        allowUnsigned: Bool = false,
        format: GenericWebhookFormat? = nil
    ) {
        self.type = type
        self.credential = credential
        self.allowUnsigned = allowUnsigned
        self.format = format
    }
}
