import Domain
import FoundationEssentials
import Gateway
import Storage
import Terminal

/// The conversation of one run, as the log of its agent has it.
struct LiveConversation {
    /// Entries shown at the beginning; older ones are in `al logs`.
    private static let limit = 1000

    let run: InstanceID
    private var follower: LogFollower

    /// Reads what there is.
    ///
    /// - Parameters:
    ///   - run: whose.
    ///   - startedAt: nothing older is read.
    ///   - directory: of the log files.
    /// - Returns: the conversation and its lines.
    /// - Throws: when the log cannot be read.
    static func open(
        _ run: InstanceID,
        startedAt: Date,
        directory: String
    ) async throws -> (conversation: LiveConversation, lines: [StyledText]) {
        let source = LogSource.files(LogReader(directory: directory))
        var query = LogQuery(name: run.agent.rawValue)
        query.instance = run.rawValue
        // The log may have been written a moment before the run was stored.
        query.since = startedAt - 5
        let end = try await LogEnd(source: source, query: query).read(limit) { !lines(of: $0).isEmpty }
        let follower = LogFollower(source: source, query: query, from: end.end)
        return (LiveConversation(run: run, follower: follower), end.entries.flatMap(lines))
    }

    /// The lines that came since the last look.
    mutating func more() async throws -> [StyledText] { try await follower.next().flatMap(Self.lines) }

    private static func lines(of entry: JSONValue) -> [StyledText] {
        ConversationView.lines(for: entry, showsInstance: false)
    }
}
