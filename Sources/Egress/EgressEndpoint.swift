/// The gateway as runs reach it without an entry.
package struct EgressEndpoint: Hashable, Sendable {
    /// As runs say it, in lower case.
    package var host: String
    /// The socket of this machine behind it.
    package var socketPath: String

    /// Collects the facts.
    package init(host: String, socketPath: String) {
        self.host = host.lowercased()
        self.socketPath = socketPath
    }
}
