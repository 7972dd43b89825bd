import FoundationEssentials
import Serving

/// How the process of a chat finds the gateway and is known to it.
struct ChatAccess: Hashable, Sendable {
    let session: String
    /// A secret of its own: whoever knows the session's name is not its container.
    let token: String
    let gateway: String

    /// Reads it from the environment; `nil` = this is no chat.
    init?(_ environment: [String: String]) {
        guard environment["AL_CHAT_MODE"] == "1" else { return nil }
        session = environment["AL_CHAT_SESSION"] ?? ""
        token = environment["AL_CHAT_TOKEN"] ?? ""
        gateway = environment["GATEWAY_URL"] ?? ""
    }

    /// Where the gateway is asked for a WebSocket.
    ///
    /// - Throws: ``RunFailure`` when there is no gateway, or one that is reached another way.
    var target: WebSocketClient.Target {
        get throws(RunFailure) {
            guard let url = URLComponents(string: gateway), url.scheme == "http", let host = url.host else {
                throw RunFailure(
                    .configuration,
                    "a chat needs a gateway that is reached by http, and GATEWAY_URL is `\(gateway)`"
                )
            }
            return WebSocketClient.Target(
                host: host.trimmingBrackets,
                port: url.port ?? 80,
                path: "/chat/container/\(session)"
            )
        }
    }
}

extension String {
    /// An IPv6 address as sockets take it.
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
