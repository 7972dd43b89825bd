/// The gateway as runs reach it without an entry.
package struct EgressEndpoint: Hashable, Sendable {
    /// As runs say it, in lower case.
    package var host: String
    package var port: Int
    /// The socket of this machine behind it.
    package var socketPath: String

    /// Collects the facts.
    package init(host: String, port: Int, socketPath: String) {
        self.host = host.lowercased()
        self.port = port
        self.socketPath = socketPath
    }
}
