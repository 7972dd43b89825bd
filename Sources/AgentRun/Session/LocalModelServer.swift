import Domain
import FoundationEssentials

/// Model servers on the machine that starts the runs.
enum LocalModelServer {
    /// The configuration with which a run in a container reaches a model server on the host's loopback; `nil` when the
    /// written one will do.
    ///
    /// Only containers know the host machine by the name under which they also find the gateway.
    static func reachable(_ config: ModelConfig, gatewayURL: String?) -> ModelConfig? {
        let name = "gateway"
        guard config.provider == .custom, let base = config.baseURL, var components = URLComponents(string: base),
            let host = components.host, ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased()),
            gatewayURL.flatMap({ URLComponents(string: $0) })?.host == name
        else { return nil }
        components.host = name
        var config = config
        config.baseURL = components.string
        return config
    }
}
