import NIOCore

/// What the proxy itself says to a run.
struct ProxyAnswer: Sendable {
    enum Status: String {
        case badRequest = "400 Bad Request"
        case forbidden = "403 Forbidden"
        case unauthorized = "407 Proxy Authentication Required"
        case lengthRequired = "411 Length Required"
        case badGateway = "502 Bad Gateway"
        case unavailable = "503 Service Unavailable"
    }

    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// Says why a connection was refused and, where there is one, the remedy.
    func refuse(_ refusal: EgressDecision.Refusal, _ request: ProxyRequest) async throws {
        let target = "\(request.host):\(request.port)"
        switch refusal {
        case .notListed:
            let entry = EgressPolicy.defaultPorts.contains(request.port) ? request.host : target
            let text =
                "\(target) is not in the agent's [network] allow; if it should be, add \"\(entry)\" to allow in agent-config.toml, or in config.toml if the list stands there"
            try await send(.forbidden, text)
        case .notPublic:
            let text = "\(target) leads to a private address; only an address or a CIDR in [network] allow permits that"
            try await send(.forbidden, text)
        case .tooMany: try await send(.unavailable, "This run has too many connections open")
        case .unresolved, .unreachable, .wrongName, .notTLS, .noSecret:
            try await send(.badGateway, "\(target): \(refusal.rawValue)")
        }
    }

    /// Answers and ends the connection.
    func send(_ status: Status, _ text: String) async throws {
        let authenticate = status == .unauthorized ? "proxy-authenticate: Basic realm=\"al\"\r\n" : ""
        let head =
            "HTTP/1.1 \(status.rawValue)\r\ncontent-type: text/plain; charset=utf-8\r\n\(authenticate)"
            + "content-length: \(text.utf8.count + 1)\r\nconnection: close\r\n\r\n"
        try await outbound.write(ByteBuffer(string: head + text + "\n"))
        outbound.finish()
    }
}
