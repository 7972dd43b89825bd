import Domain

/// A way to a tool server.
protocol MCPTransport: Sendable {
    /// Connects and stays connected while the body runs.
    ///
    /// - Parameter body: talks; when it returns the connection is closed and everything behind it ended.
    /// - Throws: what the body throws, or why there is no connection.
    func connect(_ body: @Sendable (MCPChannel) async throws -> Void) async throws
}

/// An open connection.
struct MCPChannel: Sendable {
    /// Sends one message; throws when the other side is gone.
    var send: @Sendable (JSONValue) async throws -> Void
    /// What comes from the other side; ends when the other side is gone.
    ///
    /// Everything is kept until it is read.
    var incoming: AsyncStream<JSONValue>
    /// Told which version of the protocol was agreed on.
    var agreed: @Sendable (String) -> Void = { _ in }
}
