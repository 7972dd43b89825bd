import Domain

/// The variables every run gets, whatever runtime starts it.
struct RunEnvironment: Sendable {
    /// The kernel takes no single variable above 128 KiB; what is larger than this travels in a file.
    static let largestPrompt = 96 << 10

    /// Names under which the executable answers inside a run.
    static let commandNames = [
        "al-call", "al-check", "al-exit", "al-rerun", "al-return", "al-shutdown", "al-status", "al-subagent",
        "al-subagent-check", "al-subagent-wait", "al-wait", "rlock", "rlock-heartbeat", "runlock",
    ]

    /// Where a sealed run finds ``Launch/egressDirectory``.
    static let egressMount = "/run/al/egress"

    private(set) var variables: [String: String]

    /// Collects the variables of a launch; `promptFile` is the path of a prompt that does not fit, as the run sees it.
    init(_ launch: Launch, promptFile: String?) {
        variables = launch.environment
        if let promptFile {
            variables["AL_PROMPT_FILE"] = promptFile
        } else {
            variables["PROMPT"] = launch.prompt
        }
        variables["TIMEOUT_SECONDS"] = String(launch.agent.timeout)
        variables["AL_AGENT_NAME"] = launch.agent.name.rawValue
        variables["AL_INSTANCE_ID"] = launch.instance.rawValue
        variables["AL_TRIGGER"] = launch.trigger.kind.rawValue
        var config = launch.agent.json
        // The agent's tools can read the files of a run, so that what may be secret is masked there.
        if SecretValues.hidden(config) != config {
            config["_agentsMd"] = nil
            variables["AGENT_CONFIG"] = config.compactText
        }
        if launch.egressDirectory != nil { variables["AL_EGRESS_SOCKET"] = "\(Self.egressMount)/proxy" }
        if !launch.gatewayURL.isEmpty {
            variables["GATEWAY_URL"] = launch.gatewayURL
            variables["SHUTDOWN_SECRET"] = launch.secret
        }
    }

    static func needsPromptFile(_ launch: Launch) -> Bool { launch.prompt.utf8.count > largestPrompt }

    /// Passes the proxies of this machine on; what is on the machine itself is reached without them by every program.
    mutating func inheritProxies(of environment: [String: String]) {
        var proxies = environment.filter { ProxySettings.variables.contains($0.key) && !$0.value.isEmpty }
        guard !proxies.isEmpty else { return }
        let listed = proxies["no_proxy"] ?? proxies["NO_PROXY"]
        let direct = [listed, "localhost", "127.0.0.1"].compactMap { $0 }.joined(separator: ",")
        for name in ["NO_PROXY", "no_proxy"] { proxies[name] = direct }
        merge(proxies)
    }

    /// Sets further variables; later ones win.
    mutating func merge(_ more: [String: String]) { variables.merge(more) { _, last in last } }

    /// `NAME=value`, sorted, so that equal launches are equal requests.
    var assignments: [String] { variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
}
