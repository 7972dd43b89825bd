/// An `[mcp.<name>]` table: a server of the Model Context Protocol whose tools an agent may use.
package struct MCPServerConfig: Hashable, Sendable {
    /// How the server is reached.
    package enum Transport: Hashable, Sendable {
        /// A child process that speaks over its standard streams.
        case stdio(command: [String], environment: [String: String], directory: String?)
        /// Streamable HTTP.
        case http(url: String, headers: [String: String])
    }

    package var name: String
    package var transport: Transport
    /// Globs of the tools that may be used; empty = all.
    package var tools: [String] = []
    /// Seconds a call may take.
    package var timeout = 60
    /// Seconds the server may take to come up.
    package var startTimeout = 30
    /// Whether a server that does not start fails the run.
    package var isRequired = true

    /// A server of which only name and transport are set.
    package init(name: String, transport: Transport) {
        self.name = name
        self.transport = transport
    }
}
