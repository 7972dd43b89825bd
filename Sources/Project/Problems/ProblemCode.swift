/// What kind of problem it is; the raw value is stable and meant for scripts.
package enum ProblemCode: String, CaseIterable, Hashable, Sendable {
    case projectIsAgent = "project.is-agent"
    case agentBadName = "agent.bad-name"
    case configSyntax = "config.syntax"
    case environmentNotFound = "environment.not-found"
    case environmentBadName = "environment.bad-name"
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
    case credentialBadReference = "credential.bad-reference"
    case projectNoAgents = "project.no-agents"
    case configUnknownKey = "config.unknown-key"
    case configNoEffect = "config.no-effect"
    case configDeprecated = "config.deprecated"
    case localIsolation = "local.isolation"
    case configDefaulted = "config.defaulted"
    case configUnusual = "config.unusual"
    case agentTwoPlaces = "agent.two-places"
    case configListExpected = "config.list-expected"

    /// The short id of the documentation: `E17`, `W01`.
    package var id: String {
        switch self {
        case .projectIsAgent: "E01"
        case .agentBadName: "E02"
        case .configSyntax: "E03"
        case .environmentNotFound: "E04"
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
        case .credentialBadReference: "E22"
        case .projectNoAgents: "E26"
        case .configUnknownKey: "W01"
        case .configNoEffect: "W02"
        case .configDeprecated: "W03"
        case .localIsolation: "W04"
        case .configDefaulted: "W05"
        case .configUnusual: "W06"
        case .agentTwoPlaces: "W07"
        case .configListExpected: "W08"
        }
    }

    /// Whether it stops a start; the others are warnings.
    package var isError: Bool { id.hasPrefix("E") }
}
