import Domain
package import Egress
import FoundationEssentials
import OrderedCollections
import Runtimes
import Storage

extension Scheduler {
    /// What the run that knows a token may reach; `nil` = no live run with a list knows it.
    ///
    /// The token is the run's secret, so that a run which outlives its scheduler is known to the next one.
    package func egressGrant(for token: String) async -> EgressGrant? {
        guard let egress = setup.egress, let instance = await run(withSecret: token),
            let agent = live[instance]?.agent ?? liveChats[instance]?.agent,
            let network = agent.network
        else { return nil }
        let policy = EgressPolicy(allow: network.allow, gateway: egress.gateway)
        let broker = egress.broker(for: agent, ofRun: token, now: setup.now())
        return EgressGrant(instance: instance, policy: policy, broker: broker)
    }

    /// Writes what the proxy decided into the run's log.
    package func note(_ decision: EgressDecision) {
        let fields = OrderedDictionary(uniqueKeysWithValues: decision.fields)
        // That each run tries to leave its cage before it starts is nothing to worry about.
        let refused: LogLevel = decision.host == CageProof.unlistedHost ? .debug : .warning
        log(decision.isAllowed ? .info : refused, decision.instance, "network", fields)
    }

    /// The directory that shuts a run of the agent in; `nil` = its network is open.
    ///
    /// - Throws: ``RuntimeError`` when the agent has a list that nothing here enforces.
    func egressDirectory(
        for agent: AgentConfig,
        secret: String,
        _ environment: inout [String: String]
    ) throws -> String? {
        let runtime = setup.runtime.kind
        switch NetworkEnforcement(of: agent, on: runtime, isControlled: setup.egress != nil) {
        case .open, .notEnforced: return nil
        case .refused(let reason): throw RuntimeError(code: .launchFailed, message: reason)
        case .enforced: break
        }
        guard let egress = setup.egress else { return nil }
        environment["AL_RUNTIME"] = runtime.rawValue
        if agent.credentials.contains(where: \.isBrokered) {
            let authority = RunAuthority(keys: egress.keys, runSecret: secret, now: setup.now())
            // In one line, as variables are best.
            environment["AL_BROKER_CA"] = try Data(authority.certificatePEM().utf8).base64EncodedString()
        }
        return egress.directory
    }

    /// Stages what a run may have of its credentials.
    func stageCredentials(of agent: AgentConfig, for run: RunID, secret: String) async throws -> String? {
        try await setup.stageCredentials(agent, run) { [egress = setup.egress] reference in
            egress?.placeholder(for: reference, ofRun: secret) ?? ""
        }
    }

    /// The gateway as a sealed run sees it: a port that its own process offers.
    var sealedGatewayURL: String { "http://\(EgressBridge.gatewayName):\(EgressBridge.gatewayPort)" }
}
