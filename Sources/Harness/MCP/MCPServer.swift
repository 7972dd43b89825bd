import Domain
import LanguageModels
import Synchronization

/// One tool server during a session: started, listed, called, and started again once when it dies.
final class MCPServer: Sendable {
    static let versions = ["2025-06-18", "2025-03-26", "2024-11-05"]
    /// Pages of a list that are asked for.
    private static let mostPages = 100

    private struct State {
        var tools: [MCPToolFacts] = []
        var isReady = false
        /// Since the connection was opened last.
        var wasReady = false
        /// Why the server is out of use for good.
        var failure: MCPError?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let config: MCPServerConfig
    private let transport: any MCPTransport
    private let version: String
    private let peer: MCPPeer
    private let state = Mutex(State())

    init(_ config: MCPServerConfig, transport: any MCPTransport, clock: any Clock<Duration>, version: String) {
        self.config = config
        self.transport = transport
        self.version = version
        peer = MCPPeer(server: config.name, clock: clock)
    }

    /// The server's whole life; returns when it is out of use or the task is cancelled.
    func run() async {
        var starts = 0
        while true {
            starts += 1
            let reason = await connect()
            let wasReady = state.withLock { $0.wasReady }
            if Task.isCancelled { return fail(MCPError(.gone, config.name, "the run is over")) }
            guard wasReady, starts < 2 else { return fail(reason) }
        }
    }

    /// Waits until the server is ready or out of use.
    ///
    /// - Returns: its tools.
    /// - Throws: ``MCPError``.
    func tools() async throws(MCPError) -> [MCPToolFacts] {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isReady || state.failure != nil { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        let (tools, failure) = state.withLock { ($0.tools, $0.failure) }
        if let failure { throw failure }
        return tools
    }

    /// What was listed last, whether or not the server still lives.
    var knownTools: [MCPToolFacts] { state.withLock { $0.tools } }

    /// Lists the tools again if the server said that they changed.
    ///
    /// - Returns: whether anything may be new.
    func refresh() async -> Bool {
        guard peer.takeNewTools() else { return false }
        // A server that cannot list them any more keeps those it had; calls will tell.
        guard let tools = try? await list() else { return false }
        state.withLock { $0.tools = tools }
        return true
    }

    /// Calls a tool.
    ///
    /// - Throws: ``MCPError``, or `CancellationError`.
    func call(_ tool: String, _ arguments: JSONValue) async throws -> JSONValue {
        _ = try await tools()
        return try await peer.request(
            "tools/call",
            ["name": .string(tool), "arguments": arguments],
            within: .seconds(config.timeout)
        )
    }

    private func connect() async -> MCPError {
        state.withLock { $0.wasReady = false }
        do {
            try await transport.connect { channel in
                self.peer.attach(channel)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await self.peer.serve(channel)
                        // First this: whoever is told that the connection is gone may call again at once.
                        self.state.withLock { $0.isReady = false }
                        self.peer.detach()
                    }
                    do {
                        try await self.shakeHands(channel)
                    } catch {
                        group.cancelAll()
                        throw error
                    }
                    try await group.waitForAll()
                }
            }
            return MCPError(.gone, config.name, "the connection was closed")
        } catch let error as MCPError {
            return error
        } catch {
            return MCPError(state.withLock { $0.wasReady } ? .gone : .notStarted, config.name, "\(error)")
        }
    }

    private func shakeHands(_ channel: MCPChannel) async throws {
        let offer: JSONValue = [
            "protocolVersion": .string(Self.versions[0]), "capabilities": [:],
            "clientInfo": ["name": "action-llama", "version": .string(version)],
        ]
        let answer = try await peer.request("initialize", offer, within: .seconds(config.startTimeout))
        let agreed = answer["protocolVersion"]?.stringValue ?? ""
        guard Self.versions.contains(agreed) else {
            throw MCPError(
                .unknownVersion,
                config.name,
                "it speaks version \"\(agreed)\" of the protocol; known are \(Self.versions.joined(separator: ", "))"
            )
        }
        channel.agreed(agreed)
        try await peer.notify("notifications/initialized")
        let tools = answer["capabilities"]?["tools"] == nil ? [] : try await list()
        let waiters = state.withLock { state in
            state.tools = tools
            state.isReady = true
            state.wasReady = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func list() async throws -> [MCPToolFacts] {
        let globs = config.tools.map { Glob($0) }
        if globs.contains(where: \.isWider) {
            throw MCPError(.notStarted, config.name, "a glob of tools has too many choices in braces; write several")
        }
        var tools: [MCPToolFacts] = []
        var cursor: JSONValue?
        for _ in 0..<Self.mostPages {
            let page = try await peer.request(
                "tools/list",
                .object(["cursor": cursor]),
                within: .seconds(config.startTimeout)
            )
            tools += (page["tools"]?.arrayValue ?? []).compactMap(MCPToolFacts.init)
            cursor = page["nextCursor"]
            if cursor == nil || cursor == .null { break }
        }
        return tools.filter { tool in globs.isEmpty || globs.contains { $0.matches(tool.name) } }
    }

    private func fail(_ error: MCPError) {
        let waiters = state.withLock { state in
            if state.failure == nil { state.failure = error }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// A tool as its server describes it.
struct MCPToolFacts: Hashable, Sendable {
    var name: String
    var description: String
    var schema: JSONValue

    /// `nil` for an entry without name.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.stringValue, !name.isEmpty else { return nil }
        self.name = name
        description = json["description"]?.stringValue ?? json["title"]?.stringValue ?? name
        schema = json["inputSchema"] ?? [:]
    }
}
