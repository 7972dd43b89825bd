package import Domain

/// What the proxy decided about one connection of a run, and what went through it.
package struct EgressDecision: Hashable, Sendable {
    /// Whether and why it was let through.
    package enum Verdict: Hashable, Sendable {
        /// Listed by this entry.
        case allowed(rule: String)
        case refused(Refusal)
    }

    /// Why a connection was refused.
    package enum Refusal: String, Hashable, Sendable {
        case notListed = "not listed"
        case notPublic = "address not public"
        case unresolved = "name does not resolve"
        case unreachable = "no connection"
        case wrongName = "TLS name differs"
        case notTLS = "no TLS"
        case tooMany = "too many connections"
        case noSecret = "secret cannot be read"
    }

    package var instance: InstanceID
    package var host: String
    package var port: Int
    package var verdict: Verdict
    package var bytesOut: Int
    package var bytesIn: Int

    /// Collects the facts.
    package init(
        instance: InstanceID,
        host: String,
        port: Int,
        verdict: Verdict,
        bytesOut: Int = 0,
        bytesIn: Int = 0
    ) {
        self.instance = instance
        self.host = host
        self.port = port
        self.verdict = verdict
        self.bytesOut = bytesOut
        self.bytesIn = bytesIn
    }

    /// Whether the connection was let through.
    package var isAllowed: Bool {
        if case .allowed = verdict { true } else { false }
    }

    /// The fields of the `network` line in the run's log.
    package var fields: [(key: String, value: JSONValue)] {
        let facts: [(String, JSONValue)] = [("host", .string(host)), ("port", .int(port))]
        switch verdict {
        case .allowed(let rule):
            return facts + [
                ("verdict", "allowed"), ("rule", .string(rule)), ("bytesOut", .int(bytesOut)),
                ("bytesIn", .int(bytesIn)),
            ]
        case .refused(let refusal): return facts + [("verdict", "refused"), ("rule", .string(refusal.rawValue))]
        }
    }
}
