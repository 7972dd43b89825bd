package import Domain

/// How the gateway listens and what it shows.
package struct GatewayOptions: Sendable {
    /// 0 = any free port.
    package var port: Int
    /// Listen on all addresses instead of loopback.
    package var isExposed: Bool
    /// Address of the second listener, which serves only what runs need; `nil` = none.
    package var agentAddress: String?
    /// Whether that address comes and goes with the runs.
    package var agentAddressComesWithRuns: Bool
    /// Where another port of that listener than the usual one is remembered over restarts; `nil` = nowhere.
    package var agentPortFile: String?
    /// Path of a socket that serves the same, for runs without a network; `nil` = none.
    package var agentSocketPath: String?
    /// Whose forwarding headers count, besides those of this machine.
    package var trustedProxies: [AddressRange]
    /// Most verified deliveries a minute and source; `nil` = no limit.
    package var webhookRate: Int?
    package var projectName: String?
    /// Serve the dashboard.
    package var hasWebUI: Bool
    /// Version of the program, shown on the dashboard.
    package var version: String
    /// The merged settings with their sources, as the settings page shows them: `[{"name", "values": [{"key", "value"}]}]`.
    package var settings: JSONValue
    /// Where the API key is stored, as a hint on the login page.
    package var keyHint: String
    /// Where logins are remembered over restarts; `nil` = nowhere.
    package var sessionsFile: String?

    /// Collects the settings.
    package init(
        port: Int,
        isExposed: Bool = false,
        agentAddress: String? = nil,
        agentAddressComesWithRuns: Bool = false,
        agentPortFile: String? = nil,
        agentSocketPath: String? = nil,
        trustedProxies: [AddressRange] = [],
        webhookRate: Int? = nil,
        projectName: String? = nil,
        hasWebUI: Bool = false,
        version: String = "",
        settings: JSONValue = [],
        keyHint: String = "~/.action-llama/credentials/gateway_api_key/default/key",
        sessionsFile: String? = nil
    ) {
        self.port = port
        self.isExposed = isExposed
        self.agentAddress = agentAddress
        self.agentAddressComesWithRuns = agentAddressComesWithRuns
        self.agentPortFile = agentPortFile
        self.agentSocketPath = agentSocketPath
        self.trustedProxies = trustedProxies
        self.webhookRate = webhookRate
        self.projectName = projectName
        self.hasWebUI = hasWebUI
        self.version = version
        self.settings = settings
        self.keyHint = keyHint
        self.sessionsFile = sessionsFile
    }
}
