package import Domain
package import FoundationEssentials
import OrderedCollections
package import Scheduler
package import Storage

/// The documents of the history routes.
///
/// The command line makes the same from the state file when no scheduler answers.
package struct HistoryDocuments: Sendable {
    private let history: any History
    private let facts: ProjectFacts
    private let transcripts: TranscriptReader
    private let now: Date

    /// Answers from a history.
    ///
    /// - Parameters:
    ///   - history: the records.
    ///   - facts: the project at this moment.
    ///   - transcripts: of the project's runs.
    ///   - now: the moment.
    package init(history: any History, facts: ProjectFacts, transcripts: TranscriptReader, now: Date) {
        self.history = history
        self.facts = facts
        self.transcripts = transcripts
        self.now = now
    }

    /// `{"runs":[Run],"total","page","limit"}`; pages count from 1.
    package func runs(of agent: AgentName?, state: RunState?, since: Date?, page: Int, limit: Int) async throws
        -> JSONValue
    {
        let found = try await history.runs(
            RunQuery(
                agent: agent,
                state: state,
                since: since,
                offset: (page - 1) * limit,
                limit: limit,
                isCounted: true
            )
        )
        return .object([
            "runs": .array(found.runs.map(\.json)), "total": found.total.map { .int($0) }, "page": .int(page),
            "limit": .int(limit),
        ])
    }

    /// `{"run":Run}`; `nil` when no such run is recorded.
    package func run(_ text: String) async throws -> JSONValue? {
        guard let instance = InstanceID(text), let run = try await history.run(instance.run), run.instance == instance
        else { return nil }
        return ["run": run.json]
    }

    /// `{"rows":[…],"calls":[…]}`.
    package func summary(of agent: AgentName?, since: Date) async throws -> JSONValue {
        let rows = try await history.summary(of: agent, since: since)
        let edges = try await history.callEdges(of: agent, since: since)
        return ["rows": .array(rows.map(\.json)), "calls": .array(edges.map(\.json))]
    }

    /// `{"slots":[…],"next"}`.
    package func slots(_ query: SlotQuery) async throws -> JSONValue {
        let page = try await history.slots(query)
        return .object(["slots": .array(page.slots.map(\.json)), "next": page.next.map { .string($0.text) }])
    }

    /// `{"fires":[…]}`, up to `count` fires for each scheduled agent.
    package func next(of agent: AgentName?, count: Int) -> JSONValue {
        Self.next(in: facts, of: agent, count: count, now: now)
    }

    /// The same without any history.
    package static func next(in facts: ProjectFacts, of agent: AgentName?, count: Int, now: Date) -> JSONValue {
        ["fires": .array(UpcomingFires.all(in: facts, agent: agent, count: count, after: now).map(\.json))]
    }

    /// `{"items":[…]}`.
    package func queue(_ query: ItemQuery) async throws -> JSONValue {
        ["items": .array(try await history.items(query).map(\.json))]
    }

    /// `{"target","sentences":[…]}`; `nil` when nothing of this name is recorded.
    package func why(_ target: String) async throws -> JSONValue? {
        let transcripts = transcripts
        let reader = WhyReader(
            history: history,
            facts: facts,
            // Without a readable transcript the other records still tell most.
            transcript: { (try? transcripts.tail($0, count: 50)) ?? [] },
            now: now
        )
        return try await reader.answer(to: target).map { answer in
            [
                "target": .string(answer.target),
                "sentences": .array(
                    answer.sentences.map {
                        .object(["text": .string($0.text), "record": $0.record.map(JSONValue.string)])
                    }
                ),
            ]
        }
    }

    /// `{"balanced","slots","deliveries","runs","calls","open"}`.
    package func audit(since: Date) async throws -> JSONValue { try await history.audit(since: since).json }
}
