/// What kind of problem it is; the raw value is stable and meant for scripts.
package enum ProblemCode: String, CaseIterable, Hashable, Sendable {
    case projectIsAgent = "project.is-agent"
    case agentBadName = "agent.bad-name"
    case configSyntax = "config.syntax"
    case environmentNotFound = "environment.not-found"
    case environmentBadName = "environment.bad-name"
    case environmentConflict = "environment.conflict"
    case cloudProvider = "cloud.provider"
    case cloudMissingKeys = "cloud.missing-keys"
    case configBadValue = "config.bad-value"
    case modelAuthType = "model.auth-type"
    case modelPiAuth = "model.pi-auth"
    case agentNoTrigger = "agent.no-trigger"
    case webhookUnknownSource = "webhook.unknown-source"
    case configIllegalKey = "config.illegal-key"
    case preflightInvalid = "preflight.invalid"
    case configBadType = "config.bad-type"
    case scheduleInvalid = "schedule.invalid"
    case agentScaleOverLimit = "agent.scale-over-limit"
    case modelMissing = "model.missing"
    case serverInvalid = "server.invalid"
    case credentialBadReference = "credential.bad-reference"
    case credentialUnknownType = "credential.unknown-type"
    case credentialHostOnly = "credential.host-only"
    case limitsUnknownPrice = "limits.unknown-price"
    case scriptInvalid = "script.invalid"
    case configUnknownName = "config.unknown-name"
    case projectNoAgents = "project.no-agents"
    case configUnknownKey = "config.unknown-key"
    case configNoEffect = "config.no-effect"
    case configDeprecated = "config.deprecated"
    case localIsolation = "local.isolation"
    case configDefaulted = "config.defaulted"
    case configUnusual = "config.unusual"
    case agentTwoPlaces = "agent.two-places"
    case configListExpected = "config.list-expected"
    case scheduleUnusual = "schedule.unusual"

    /// The short id of the documentation: `E17`, `W01`; `C…` where credentials are concerned.
    package var id: String {
        switch self {
        case .projectIsAgent: "E01"
        case .agentBadName: "E02"
        case .configSyntax: "E03"
        case .environmentNotFound: "E04"
        case .environmentConflict: "E06"
        case .cloudProvider: "E07"
        case .cloudMissingKeys: "E08"
        case .environmentBadName: "E09"
        case .configBadValue: "E10"
        case .modelAuthType: "E11"
        case .modelPiAuth: "E12"
        case .agentNoTrigger: "E13"
        case .webhookUnknownSource: "E14"
        case .configIllegalKey: "E15"
        case .preflightInvalid: "E16"
        case .configBadType: "E17"
        case .scheduleInvalid: "E18"
        case .agentScaleOverLimit: "E19"
        case .modelMissing: "E20"
        case .serverInvalid: "E21"
        case .credentialBadReference: "C02"
        case .credentialUnknownType: "C03"
        case .credentialHostOnly: "C04"
        case .limitsUnknownPrice: "E23"
        case .scriptInvalid: "E24"
        case .configUnknownName: "E25"
        case .projectNoAgents: "E26"
        case .configUnknownKey: "W01"
        case .configNoEffect: "W02"
        case .configDeprecated: "W03"
        case .localIsolation: "W04"
        case .configDefaulted: "W05"
        case .configUnusual: "W06"
        case .agentTwoPlaces: "W07"
        case .configListExpected: "W08"
        case .scheduleUnusual: "W09"
        }
    }

    /// Whether it is more than a warning.
    package var isError: Bool { !id.hasPrefix("W") }

    /// Whether an agent lacks something that a file of the project defines.
    var isAboutWhatAgentsName: Bool {
        [.modelMissing, .webhookUnknownSource, .configUnknownName].contains(self)
    }

    /// Whether a start refuses; a scale above the project's is reduced there.
    package var stopsStart: Bool { isError && self != .agentScaleOverLimit }
}
