import Gateway
import Testing

/// Runs a gateway on free ports while `body` uses it.
func serving(
    _ bench: Bench,
    agents: String? = nil,
    socket: String? = nil,
    _ body: @escaping @Sendable (Int) async throws -> Void
) async throws {
    try await servingBoth(bench, agents: agents, socket: socket) { try await body($0.main) }
}

/// Runs a gateway on free ports while `body` uses them, that of runs too.
func servingBoth(
    _ bench: Bench,
    agents: String?,
    comingWithRuns: Bool = false,
    exposed: Bool = false,
    port main: Int = 0,
    portFile: String? = nil,
    socket: String? = nil,
    _ body: @escaping @Sendable (GatewayPorts) async throws -> Void
) async throws {
    let (ports, port) = AsyncStream.makeStream(of: GatewayPorts.self)
    let options = GatewayOptions(
        port: main,
        isExposed: exposed,
        agentAddress: agents,
        agentAddressComesWithRuns: comingWithRuns,
        agentPortFile: portFile,
        agentSocketPath: socket,
        hasWebUI: true
    )
    let gateway = try bench.gateway(options) { port.yield($0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { port.finish() }
            try await gateway.run()
        }
        var iterator = ports.makeAsyncIterator()
        guard let told = await iterator.next() else {
            // It ended before it listened, and says why.
            try await group.next()
            return
        }
        try await body(told)
        group.cancelAll()
        // The cancelled server ends by an error or without one; both are fine.
        while (try? await group.next()) != nil {}
    }
}
