import Domain
package import Egress
import OrderedCollections
import Runtimes

extension Scheduler {
    /// What the run that knows a token may reach; `nil` = no live run with a list knows it.
    ///
    /// The token is the run's secret, so that a run which outlives its scheduler is known to the next one.
    package func egressGrant(for token: String) -> EgressGrant? {
        guard let egress = setup.egress, let instance = secrets[token],
            let agent = live[instance]?.agent ?? liveChats[instance]?.agent,
            let network = agent.network
        else { return nil }
        let own = egress.endpoints(agent, gatewayPort)
        return EgressGrant(instance: instance, policy: EgressPolicy(allow: network.allow, own: own))
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
    func egressDirectory(for agent: AgentConfig, _ environment: inout [String: String]) throws -> String? {
        let runtime = setup.runtime.kind
        switch NetworkEnforcement(of: agent, on: runtime, isControlled: setup.egress != nil) {
        case .open, .notEnforced: return nil
        case .refused(let reason): throw RuntimeError(code: .launchFailed, message: reason)
        case .enforced: break
        }
        guard let egress = setup.egress else { return nil }
        let ports = egress.endpoints(agent, gatewayPort).filter { $0.host == EgressBridge.gatewayName }.map(\.port)
        environment["AL_EGRESS_PORTS"] = ports.map(String.init).joined(separator: ",")
        environment["AL_RUNTIME"] = runtime.rawValue
        return egress.directory
    }

    /// The gateway as a sealed run sees it: a port that its own process offers.
    var sealedGatewayURL: String { "http://\(EgressBridge.gatewayName):\(gatewayPort)" }
}
