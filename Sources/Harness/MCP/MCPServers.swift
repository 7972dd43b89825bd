package import Domain
import LanguageModels
import NIOCore

/// The tool servers of one session.
package struct MCPServers: Sendable {
    private let servers: [MCPServer]

    /// Starts servers, hands their tools out, and ends the servers when the body is done.
    ///
    /// Servers that are required must come up; one that is not and does not is left out with a warning.
    ///
    /// - Parameters:
    ///   - configs: the servers; `${NAME}` in their values is resolved already.
    ///   - context: where child processes work, and with what environment.
    ///   - proxies: to the servers that are reached over the network.
    ///   - clock: for time limits.
    ///   - version: of this program.
    ///   - warn: hears about servers that are left out.
    ///   - body: the session.
    /// - Returns: what the body returns.
    /// - Throws: ``MCPError`` of a required server, or what the body throws.
    package static func with<Result: Sendable>(
        _ configs: [MCPServerConfig],
        context: ToolContext,
        proxies: ProxySettings,
        clock: any Clock<Duration>,
        version: String,
        warn: @Sendable (MCPError) -> Void,
        body: @Sendable (MCPServers) async throws -> Result
    ) async throws -> Result {
        // The time of a call is the peer's business, and a server may think for long without a byte.
        try await HTTPRoutes.with(proxies, configuration: modelHTTPConfiguration(idle: nil)) { http in
            let servers = configs.map { config in
                MCPServer(config, transport: transport(config, context, http, clock), clock: clock, version: version)
            }
            return try await with(servers, warn: warn, body: body)
        }
    }

    private static func with<Result: Sendable>(
        _ servers: [MCPServer],
        warn: @Sendable (MCPError) -> Void,
        body: @Sendable (MCPServers) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { await server.run() } }
            defer { group.cancelAll() }
            var ready: [MCPServer] = []
            for server in servers {
                do throws(MCPError) {
                    _ = try await server.tools()
                    ready.append(server)
                } catch {
                    try Task.checkCancellation()
                    guard !server.config.isRequired else { throw error }
                    warn(error)
                }
            }
            return try await body(MCPServers(servers: ready))
        }
    }

    private static func transport(
        _ config: MCPServerConfig,
        _ context: ToolContext,
        _ http: HTTPRoutes,
        _ clock: any Clock<Duration>
    ) -> any MCPTransport {
        switch config.transport {
        case .stdio(let command, let environment, let directory):
            MCPStdioTransport(
                command: command,
                directory: directory.map { ToolPath($0, in: context).absolute } ?? context.workingDirectory,
                environment: context.environment.merging(environment) { $1 }
            )
        case .http(let url, let headers):
            MCPHTTPTransport(
                url: url,
                headers: headers,
                http: http.client(for: url),
                clock: clock,
                acceptance: .seconds(Int64(config.startTimeout))
            )
        }
    }

    /// Our own tools and, after them, those of the servers in the order of their tables.
    package func registry() -> ToolRegistry {
        var tools = ToolRegistry.standard.tools
        var names = Set(tools.map(\.definition.name))
        for server in servers {
            // The tools of a server that died stay in the list and answer errors: the model knows them already.
            let known = server.knownTools.map { MCPTool($0, server: server) }
            // A server that names a tool twice must not cost the run: providers refuse the list.
            tools += known.filter { names.insert($0.definition.name).inserted }
        }
        return ToolRegistry(tools)
    }

    /// The tools, if a server said that its own changed since the last look.
    package func changedRegistry() async -> ToolRegistry? {
        var isChanged = false
        for server in servers where await server.refresh() { isChanged = true }
        return isChanged ? registry() : nil
    }
}
