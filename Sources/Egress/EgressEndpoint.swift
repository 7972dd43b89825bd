/// A place that runs of an agent reach without an entry: the gateway, and the models the agent is configured for.
package struct EgressEndpoint: Hashable, Sendable {
    /// Where a connection to it goes.
    package enum Target: Hashable, Sendable {
        /// Wherever the name leads, private addresses included: whoever wrote the model's URL chose it.
        case name
        /// A port of this machine's loopback address.
        case loopback
        /// A socket of this machine.
        case socket(path: String)
    }

    /// As runs say it, in lower case.
    package var host: String
    package var port: Int
    package var target: Target
    /// What decisions are explained with; `nil` = they are not worth a record.
    package var rule: String?

    /// Collects the facts.
    package init(host: String, port: Int, target: Target, rule: String?) {
        self.host = host.lowercased()
        self.port = port
        self.target = target
        self.rule = rule
    }
}
