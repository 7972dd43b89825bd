/// What the live view says of this start and never changes.
struct LiveFacts: Hashable, Sendable {
    /// The project's name, or that of its directory.
    var project: String
    var port: Int?
    /// Types of the project's webhook sources.
    var webhookTypes: [String]
    var hasDashboard: Bool
    /// Ends only when the last run has ended, instead of handing runs over.
    var drainsOnShutdown = false
}
