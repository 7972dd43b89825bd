import Domain
import Egress
import FoundationEssentials

/// What a run without a network was given instead.
struct Seal: Hashable, Sendable {
    /// The user's name in the proxy's URL; the proxy looks at the token only.
    private static let user = "run"

    private let socketPath: String
    private let token: String
    /// A port of the run's own that leads to the gateway; `nil` = no gateway.
    let gatewayPort: Int?
    /// For people.
    let runtime: String

    /// Reads it from the environment of the run; `nil` = the network is open.
    init?(_ environment: [String: String]) {
        guard let path = environment["AL_EGRESS_SOCKET"], !path.isEmpty else { return nil }
        socketPath = path
        token = environment["SHUTDOWN_SECRET"] ?? ""
        let gateway = URLComponents(string: environment["GATEWAY_URL"] ?? "")
        gatewayPort = gateway?.host == EgressBridge.gatewayName ? gateway?.port : nil
        runtime = environment["AL_RUNTIME"] ?? "runtime"
    }

    /// The near end of the way out.
    var bridge: EgressBridge { EgressBridge(socketPath: socketPath, token: token) }

    /// The variables that lead programs to the proxy.
    ///
    /// Nothing depends on a program obeying them: without them it reaches nothing.
    func variables(proxyPort: Int) -> [String: String] {
        let proxy = "http://\(Self.user):\(token)@127.0.0.1:\(proxyPort)"
        var variables = ["NODE_USE_ENV_PROXY": "1"]
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            variables[name] = proxy
            variables[name.lowercased()] = proxy
        }
        for name in ["NO_PROXY", "no_proxy"] { variables[name] = "\(EgressBridge.gatewayName),localhost,127.0.0.1" }
        return variables
    }

    /// Tries to leave the cage.
    ///
    /// - Throws: ``RunFailure`` when something lets it.
    func prove(proxyPort: Int, agent: AgentName, log: RunLog) async throws {
        guard let proxy = ProxyServer("http://\(Self.user):\(token)@127.0.0.1:\(proxyPort)") else { return }
        do {
            let refused = try await CageProof(proxy: proxy).run()
            log.line(
                .info,
                "cage verified",
                [
                    "tried": .array(refused.map { .string($0.tried) }),
                    "refusedBy": .array(refused.map { .string($0.by) }),
                ]
            )
        } catch let open as CageProof.Open {
            throw RunFailure(
                .cage,
                "agent \(agent): the cage is open (\(runtime)): the run reached \(open). Its [network] allow is not enforced, so it "
                    + "does not start. Run `al doctor`"
            )
        } catch let silence as CageProof.NoAnswer {
            throw RunFailure(
                .cage,
                "agent \(agent): the proxy, the only way out of this run, did not answer (\(silence)), so that nothing proves "
                    + "its cage and it does not start. Is the scheduler running?"
            )
        }
    }
}
