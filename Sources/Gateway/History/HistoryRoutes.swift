import Domain
import FoundationEssentials
import Hummingbird
import Scheduler
import Storage

/// What operators may ask about the past, the queue and what comes next.
struct HistoryRoutes {
    /// Largest page of a list.
    private static let pageLimit = 200
    /// Largest number of a page, so that its offset stays a number.
    private static let lastPage = 1_000_000

    let operators: any OperatorPlane
    let transcripts: TranscriptReader
    let now: @Sendable () -> Date
    /// Hides the values of stored credentials: what a run was told is stored as it was said.
    let mask: @Sendable (String) throws -> String

    var all: [Route] {
        [
            route("/api/runs") { try await runs($0, $1) },
            route("/api/runs/:instance") { try await run($0, $1) },
            route("/api/stats/agents/:name/runs") { try await runs($0, $1) },
            route("/api/stats/agents/:name/runs/:instance") { try await run($0, $1) },
            route("/api/runs/:instance/transcript") { call, _ in try await transcript(call) },
            route("/api/stats/summary") { call, documents in
                try await documents.summary(
                    of: try Self.agent(call.query("agent")),
                    since: try call.epoch("since") ?? .distantPast
                )
            },
            route("/api/slots") { try await slots($0, $1) },
            route("/api/next") { call, documents in
                documents.next(of: try Self.agent(call.query("agent")), count: Self.count("n", of: call, default: 5))
            },
            route("/api/queue") { try await queue($0, $1) },
            route("/api/why/:target") { call, documents in
                guard let answer = try await documents.why(call["target"]) else {
                    throw Rejection(.notFound, error: "nothing is recorded about \(call["target"])")
                }
                return answer
            },
            route("/api/audit") { call, documents in
                try await documents.audit(since: try call.epoch("since") ?? .distantPast)
            },
        ]
    }

    private func route(
        _ path: String,
        _ answer: @escaping @Sendable (GatewayRequest, HistoryDocuments) async throws -> JSONValue
    ) -> Route {
        Route(.get, path, plane: .operators) { call in
            let documents = HistoryDocuments(
                history: await operators.history,
                facts: await operators.facts(),
                transcripts: transcripts,
                now: now()
            )
            return try .json(await answer(call, documents), masked: mask)
        }
    }

    private func run(_ call: GatewayRequest, _ documents: HistoryDocuments) async throws -> JSONValue {
        let agent = call.parameters["name"]
        guard let document = try await documents.run(call["instance"]),
            agent == nil || document["run"]?["agent"]?.stringValue == agent
        else { throw Rejection(.notFound, error: "Run \(call["instance"]) not found") }
        return document
    }

    private func runs(_ call: GatewayRequest, _ documents: HistoryDocuments) async throws -> JSONValue {
        var state: RunState?
        if let text = call.query("state") {
            state = RunState(rawValue: text)
            guard state != nil else { throw Rejection(.badRequest, error: "Invalid state") }
        }
        let page = call.query("page").flatMap { Int($0) }.flatMap { (1...Self.lastPage).contains($0) ? $0 : nil } ?? 1
        return try await documents.runs(
            of: try Self.agent(call.parameters["name"] ?? call.query("agent")),
            state: state,
            since: try call.epoch("since"),
            page: page,
            limit: Self.count("limit", of: call, default: 50)
        )
    }

    private func transcript(_ call: GatewayRequest) async throws -> JSONValue {
        let run = try await operators.requireRun(call["instance"])
        let from = max(0, call.query("from").flatMap { Int($0) } ?? 0)
        let page = try transcripts.read(
            run.instance,
            from: .init(sequence: from),
            count: Self.count("limit", of: call, default: 50)
        )
        let hasMore = try !transcripts.read(run.instance, from: page.next, count: 1).lines.isEmpty
        return .object([
            "entries": .array(page.lines.map(\.entry)), "next": hasMore ? .int(page.next.sequence) : .none,
        ])
    }

    private func slots(_ call: GatewayRequest, _ documents: HistoryDocuments) async throws -> JSONValue {
        var query = SlotQuery(agent: try Self.agent(call.query("agent")), since: try call.epoch("since"))
        if let text = call.query("before") {
            query.before = SlotPosition(text)
            guard query.before != nil else { throw Rejection(.badRequest, error: "Invalid cursor") }
        }
        query.limit = Self.count("limit", of: call, default: 50)
        return try await documents.slots(query)
    }

    private func queue(_ call: GatewayRequest, _ documents: HistoryDocuments) async throws -> JSONValue {
        let word = call.query("state") ?? WorkItemState.waiting.rawValue
        guard let state = WorkItemState(rawValue: word), state != .claimed else {
            throw Rejection(.badRequest, error: "Invalid state")
        }
        let limit = Self.count("limit", of: call, default: Self.pageLimit)
        return try await documents.queue(
            ItemQuery(
                agent: try Self.agent(call.query("agent")),
                state: state,
                since: try call.epoch("since"),
                limit: limit
            )
        )
    }

    private static func count(_ name: String, of call: GatewayRequest, default fallback: Int) -> Int {
        min(pageLimit, call.query(name).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? fallback)
    }

    private static func agent(_ text: String?) throws -> AgentName? {
        guard let text, !text.isEmpty else { return nil }
        do {
            return try AgentName(text)
        } catch {
            throw Rejection(.badRequest, error: "Invalid agent name")
        }
    }
}

extension OperatorPlane {
    /// A run by its instance id.
    ///
    /// - Throws: ``Rejection`` 404.
    func requireRun(_ text: String) async throws -> RunRecord {
        guard let instance = InstanceID(text), let run = try await history.run(instance.run), run.instance == instance
        else { throw Rejection(.notFound, error: "Run \(text) not found") }
        return run
    }
}
