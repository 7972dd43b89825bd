/// A `[network]` table: which hosts a run may reach.
///
/// An agent without one may reach everything. An empty list leaves it the gateway and its models.
package struct NetworkPolicy: Hashable, Sendable {
    /// `host`, `*.domain`, `host:port`, address or CIDR; `*` alone = open.
    package var allow: [String]
    /// Whether a runtime that cannot enforce the list refuses the agent (`false`: it only warns).
    package var isRequired: Bool

    /// Collects both.
    package init(allow: [String], isRequired: Bool = true) {
        self.allow = allow
        self.isRequired = isRequired
    }
}
