/// How a server treats requests for WebSockets.
package struct WebSocketDoor: Sendable {
    /// What a request is answered with.
    package enum Verdict: Sendable {
        /// The connection becomes a WebSocket and belongs to the closure until that returns.
        case accept(@Sendable (WebSocketConnection) async -> Void)
        /// An ordinary answer, after which the connection is closed.
        case refuse(Refusal)
    }

    /// An ordinary answer.
    package struct Refusal: Hashable, Sendable {
        package var status: Int
        package var headers: [String: String]
        package var body: String

        /// Collects the facts.
        package init(status: Int, headers: [String: String] = [:], body: String) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// What asks for a WebSocket.
    package struct Request: Sendable {
        /// Path and query as they were sent.
        package var uri: String
        package var headers: [(name: String, value: String)]
        /// Address of the other end; `nil` when there is none, as on a unix socket.
        package var peer: String?

        /// Collects the facts.
        package init(uri: String, headers: [(name: String, value: String)], peer: String?) {
            self.uri = uri
            self.headers = headers
            self.peer = peer
        }
    }

    /// A connection that begins with a GET for a path like this is for here, and no other.
    package var pathPrefix: String
    /// Most bytes of a message.
    package var messageLimit: Int
    package var decide: @Sendable (Request) async -> Verdict

    /// Collects the facts.
    package init(
        pathPrefix: String,
        messageLimit: Int,
        decide: @escaping @Sendable (Request) async -> Verdict
    ) {
        self.pathPrefix = pathPrefix
        self.messageLimit = messageLimit
        self.decide = decide
    }
}
